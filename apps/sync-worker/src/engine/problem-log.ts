import type { Logger } from '@astro/runtime';

const QUIET_FOR_MS = 60_000;

/** Logs an error once per outage, not once per try: again when it changes, or after a minute without it. */
export class ProblemLog {
  private last = '';
  private lastAtMs = 0;

  constructor(
    private readonly log: Logger,
    private readonly event: string,
  ) {}

  /** @param facts are logged with it */
  report(error: Error, facts: Readonly<Record<string, unknown>> = {}): void {
    const isNew = error.message !== this.last || Date.now() - this.lastAtMs > QUIET_FOR_MS;
    this.last = error.message;
    this.lastAtMs = Date.now();
    if (isNew) this.log.warn({ event: this.event, ...facts, err: error }, error.message);
  }
}
