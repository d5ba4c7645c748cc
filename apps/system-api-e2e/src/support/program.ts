import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithThisProcess } from '@astro/embedded';
import { waitFor } from '@astro/testing';

export const ROOT = resolve(import.meta.dirname, '../../../..');

/** The programs as `npm run build` makes them. */
export const PROGRAMS = {
  worker: join(ROOT, 'dist/apps/sync-worker/main.js'),
  sync: join(ROOT, 'dist/apps/sync-worker/sync.js'),
  api: join(ROOT, 'dist/apps/system-api/main.js'),
} as const;

const KEPT_LINES = 2000;

export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A child process of the test, with what it has printed. It ends with the test at the latest. */
export class Program {
  private readonly printed = { stdout: [] as string[], stderr: [] as string[] };
  private readonly child: ChildProcess;
  readonly ended: Promise<ProgramEnd>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const name of ['stdout', 'stderr'] as const) {
      const stream = this.child[name];
      if (stream) createInterface({ input: stream }).on('line', (line) => this.keep(name, line));
    }
    const forget = endWithThisProcess(this.child.pid ?? 0, 'SIGKILL');
    this.ended = new Promise((done) => {
      this.child.once('close', (code) => {
        forget();
        done({ code, stdout: this.printed.stdout.join('\n'), stderr: this.printed.stderr.join('\n') });
      });
    });
  }

  /** Of the process; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Lines of the log as objects, without those that are not JSON. */
  get log(): readonly Readonly<Record<string, unknown>>[] {
    return this.printed.stdout.flatMap((line) =>
      line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : [],
    );
  }

  /** Waits until it has logged this event, and gives the line. */
  logged(event: string, withText = ''): Promise<Readonly<Record<string, unknown>>> {
    const find = () => this.log.find((line) => line['event'] === event && JSON.stringify(line).includes(withText));
    return waitFor(find, { what: `the log line ${event} ${withText}`, timeoutMs: 60_000 });
  }

  /** SIGKILL: as if the machine had failed. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Holds the process still until {@link resume}: it notices nothing meanwhile. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** SIGTERM, as process managers send it. */
  async stop(): Promise<ProgramEnd> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  private keep(name: 'stdout' | 'stderr', line: string): void {
    this.printed[name].push(line);
    if (this.printed[name].length > KEPT_LINES) this.printed[name].shift();
  }
}
