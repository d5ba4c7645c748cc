import { abortableSleep, type Logger } from '@astro/runtime';

/** Repeats `work` until stopped, one at a time; a failure is logged once until it changes and never ends the loop. */
export class Every {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private problem = '';

  constructor(
    private readonly name: string,
    private readonly intervalMs: number,
    private readonly log: Logger,
  ) {}

  start(work: () => Promise<void>): void {
    this.running = this.loop(work);
  }

  /** For what need not be done at once: a worker that starts has changes to catch up with first. */
  startLater(work: () => Promise<void>): void {
    this.running = abortableSleep(this.intervalMs, this.stopping.signal).then(() => this.loop(work));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(work: () => Promise<void>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await work();
        this.problem = '';
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== this.problem) this.log.warn({ event: `${this.name}.failed`, err: error }, message);
        this.problem = message;
      }
      await abortableSleep(this.intervalMs, this.stopping.signal);
    }
  }
}
