import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import type { PeakMemory } from './peak-memory.js';
import { DIST, ROOT } from './paths.js';
import { Program } from './program.js';

export interface WorkerOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly nodeOptions: readonly string[];
  readonly memory: PeakMemory;
}

const EVENT_TIMEOUT_MS = 120_000;

/** The options of Node that `npm start` gives the worker, too. */
export function shippedOptions(): readonly string[] {
  const file = join(ROOT, 'apps', 'sync-worker', 'node-options.json');
  return JSON.parse(readFileSync(file, 'utf8')) as string[];
}

/** The sync-worker as it ships, in a process of its own. What it does is read from its log. */
export class Worker {
  private readonly seen = new Map<string, number>();
  private readonly waiting = new Map<string, (atMs: number) => void>();
  private readonly program: Program;

  constructor({ env, nodeOptions, memory }: WorkerOptions) {
    this.program = Program.start({
      name: 'sync-worker',
      command: process.execPath,
      args: [...shippedOptions(), ...nodeOptions, join(DIST, 'sync-worker', 'main.js')],
      env,
      memory,
      onLine: (line) => this.read(line),
    });
  }

  /** When the worker logged this event for the first time: milliseconds since 1970. */
  async event(name: string): Promise<number> {
    const before = this.seen.get(name);
    if (before !== undefined) return before;
    const logged = new Promise<number>((resolve, reject) => {
      const late = () => reject(new BenchError(`sync-worker did not log ${name} within ${EVENT_TIMEOUT_MS / 1000} s`));
      const timer = setTimeout(late, EVENT_TIMEOUT_MS);
      this.waiting.set(name, (atMs) => {
        clearTimeout(timer);
        resolve(atMs);
      });
    });
    return this.guard(logged);
  }

  /** `work`, or the rejection that the worker died while it ran. */
  guard<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.program.failed()]);
  }

  stop(): Promise<void> {
    return this.program.stop();
  }

  private read(line: string): void {
    const { event, time } = parseLine(line);
    if (event === undefined || this.seen.has(event)) return;
    const atMs = Date.parse(time ?? '');
    this.seen.set(event, atMs);
    this.waiting.get(event)?.(atMs);
  }
}

function parseLine(line: string): { event?: string; time?: string } {
  if (!line.startsWith('{')) return {};
  try {
    return JSON.parse(line) as { event?: string; time?: string };
  } catch {
    return {};
  }
}
