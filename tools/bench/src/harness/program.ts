import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endWithThisProcess } from '@astro/embedded';
import { BenchError } from '../errors.js';
import { ROOT } from './paths.js';
import type { PeakMemory } from './peak-memory.js';

export interface ProgramOptions {
  /** In messages and in the memory figures. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Given for our own programs. */
  readonly memory?: PeakMemory;
  readonly onLine?: (line: string) => void;
}

const KEPT_LINES = 30;
const STOP_TIMEOUT_MS = 30_000;

/** A child process that ends with this one. Its output is kept in part, for messages. */
export class Program {
  private readonly lines: string[] = [];
  private readonly end: Promise<number | null>;
  private readonly look: () => void;
  private stopping = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly options: ProgramOptions,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.keep(line));
    }
    const pid = child.pid ?? 0;
    const watching = options.memory?.watch(options.name, pid);
    this.look = watching?.look ?? (() => undefined);
    const forget = pid === 0 ? () => undefined : endWithThisProcess(pid, 'SIGKILL');
    this.end = new Promise((resolve, reject) => {
      child.once('error', (cause) => reject(new BenchError(`${options.name} did not start: ${cause.message}`)));
      child.once('close', (code) => resolve(code));
    });
    void this.end
      .catch(() => undefined) // whoever waits for the end hears of it
      .then(() => {
        forget();
        watching?.end();
      });
  }

  static start(options: ProgramOptions): Program {
    const { command, args, env } = options;
    return new Program(spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] }), options);
  }

  /** @returns what it printed last. @throws {BenchError} when it does not end well */
  async finished(): Promise<readonly string[]> {
    const code = await this.end;
    if (code !== 0) throw new BenchError(`${this.options.name} ended with code ${code}:\n${this.lines.join('\n')}`);
    return this.lines;
  }

  /** Rejects when it ends without having been told to. */
  async failed(): Promise<never> {
    const code = await this.end;
    if (this.stopping) return new Promise(() => undefined);
    throw new BenchError(`${this.options.name} ended by itself with code ${code}:\n${this.lines.join('\n')}`);
  }

  /** Asks it to stop and waits for its end. @throws {BenchError} when it had to be killed */
  async stop(): Promise<void> {
    this.stopping = true;
    this.look();
    this.child.kill('SIGTERM');
    let killed = false;
    const timer = setTimeout(() => (killed = this.child.kill('SIGKILL')), STOP_TIMEOUT_MS);
    await this.end;
    clearTimeout(timer);
    if (killed) throw new BenchError(`${this.options.name} did not stop within ${STOP_TIMEOUT_MS / 1000} s`);
  }

  private keep(line: string): void {
    this.lines.push(line);
    if (this.lines.length > KEPT_LINES) this.lines.shift();
    this.options.onLine?.(line);
  }
}
