import { DeadlineError, withDeadline } from './deadline.js';
import type { Logger } from './logger.js';

export interface ShutdownOptions {
  readonly log: Logger;
  /** For all steps together. */
  readonly deadlineMs: number;
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<void> | void;
}

/** Ends a process in order: the signal aborts, then each step runs in the order it was added, within one deadline. */
export class Shutdown {
  private readonly controller = new AbortController();
  private readonly steps: Step[] = [];
  private running: Promise<boolean> | undefined;

  constructor(private readonly options: ShutdownOptions) {}

  /** Aborts as soon as the shutdown begins: stop taking work. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Adds a step. One that fails is logged and does not keep the next ones from running. */
  add(name: string, run: Step['run']): void {
    this.steps.push({ name, run });
  }

  /** Runs the steps once, however often it is called. @returns true when all of them succeeded in time */
  run(reason: string): Promise<boolean> {
    this.running ??= this.runSteps(reason);
    return this.running;
  }

  /** Ends the process on SIGTERM or SIGINT: exit code 0 after a clean shutdown, else 1; a second signal ends it at once. */
  onSignals(exit: (code: number) => void = (code) => process.exit(code)): void {
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        if (this.running) return exit(1);
        void this.run(name).then((isClean) => exit(isClean ? 0 : 1));
      });
    }
  }

  private async runSteps(reason: string): Promise<boolean> {
    const { log, deadlineMs } = this.options;
    const endsAtMs = performance.now() + deadlineMs;
    log.info({ event: 'shutdown.started', reason }, 'shutting down');
    this.controller.abort();
    let isClean = true;
    for (const { name, run } of this.steps) {
      const leftMs = Math.max(0, Math.round(endsAtMs - performance.now()));
      try {
        await withDeadline(Promise.resolve().then(run), leftMs, name);
      } catch (error) {
        isClean = false;
        log.error({ event: 'shutdown.step_failed', step: name, error }, `shutdown: ${name} failed`);
        if (error instanceof DeadlineError) break;
      }
    }
    log.info({ event: 'shutdown.finished', isClean }, 'shut down');
    return isClean;
  }
}
