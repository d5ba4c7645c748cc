import { setTimeout as sleep } from 'node:timers/promises';
import { StackError } from './errors.js';
import { Program, type ProgramEnd, type ProgramOptions } from './program.js';
import { askReadiness } from './readiness.js';
import { restartDelayMs } from './restart-delay.js';

export interface ServiceOptions extends ProgramOptions {
  readonly name: string;
  /** Answers 200 when the service is ready. */
  readonly readyUrl: string;
  /** For details about what it waits for. */
  readonly readyToken: string;
  /** How long data sets that are not well are waited for, once everything else is; default 10 s. */
  readonly patienceMs?: number;
  readonly say: (message: string) => void;
  /** Told the process id after every start. */
  readonly onStart: () => void;
}

const LOOK_EVERY_MS = 100;
const SAY_AFTER_MS = 4_000;
const PATIENCE_MS = 10_000;
/** One that ran this long has recovered from its earlier deaths. */
const STEADY_MS = 60_000;

/** A program that is kept running: one that dies before it was ever ready is an error, later it is started again. */
export class Service {
  private program: Program | undefined;
  private readonly stopping = new AbortController();
  private readonly endedEarly: Promise<never>;
  private failEarly: (error: StackError) => void = () => {};
  private wasReady = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: ServiceOptions) {
    this.endedEarly = new Promise<never>((_, reject) => (this.failEarly = reject));
    this.endedEarly.catch(() => {}); // whoever waits for readiness is told
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.program?.pid;
  }

  get readyUrl(): string {
    return this.options.readyUrl;
  }

  start(): void {
    this.running = this.keepRunning();
  }

  /**
   * Resolves when the service is ready; says what it waits for when that takes longer. One of which only data sets are
   * not well counts as ready after a while: it is needed to see to them.
   * @param signal ends the waiting
   * @throws {StackError} with what the service said when it ends instead
   */
  async untilReady(signal: AbortSignal): Promise<void> {
    await Promise.race([this.becomeReady(signal), this.endedEarly]);
  }

  /** Ends it for good; what is in flight is finished first. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const clean = (await this.program?.stop()) ?? true;
    await this.running;
    if (!clean)
      this.options.say(`${this.name} did not stop in time and was killed; its log is ${this.options.logFile}`);
  }

  private async becomeReady(signal: AbortSignal): Promise<void> {
    const { name, readyUrl, readyToken, say, patienceMs = PATIENCE_MS } = this.options;
    const sayAtMs = performance.now() + SAY_AFTER_MS;
    let said = '';
    let goOnAtMs = Infinity;
    for (;;) {
      signal.throwIfAborted();
      const waiting = await askReadiness(name, readyUrl, readyToken);
      if (waiting === null) break;
      goOnAtMs = waiting.isForPeople ? Math.min(goOnAtMs, performance.now() + patienceMs) : Infinity;
      if (performance.now() >= goOnAtMs) {
        say(`It runs, and needs somebody to look: ${waiting.text}`);
        break;
      }
      const words = waiting.text.replaceAll(/\d+/g, ''); // seconds that pass are no news
      if (words !== said && performance.now() > sayAtMs) {
        say(`Waiting: ${waiting.text}`);
        said = words;
      }
      await sleep(LOOK_EVERY_MS);
    }
    this.wasReady = true;
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.stopping;
    for (let deaths = 0; !signal.aborted; deaths++) {
      const startedAtMs = performance.now();
      this.program = Program.start(this.options);
      this.options.onStart();
      const end = await this.program.ended();
      if (signal.aborted) return;
      if (!this.wasReady) return this.failEarly(startError(this.options, end));
      if (performance.now() - startedAtMs > STEADY_MS) deaths = 0;
      const delayMs = restartDelayMs(deaths);
      this.options.say(
        `${this.name} ended (${reason(end)}); it starts again in ${delayMs / 1_000} s. It said: ${lastLine(end.text)}`,
      );
      await sleep(delayMs, undefined, { signal }).catch(() => {}); // a stop ends the pause
    }
  }
}

function startError({ name, logFile }: ServiceOptions, end: ProgramEnd): StackError {
  return new StackError(`${name} did not start (${reason(end)}):\n${end.text}\nIts log is ${logFile}`);
}

function reason({ code, signal }: ProgramEnd): string {
  return signal === null ? `exit code ${code}` : signal;
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}
