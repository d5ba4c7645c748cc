import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { endWithThisProcess, signal } from '@astro/embedded';
import { failureText } from './failure-text.js';

export interface ProgramOptions {
  /** The script and its arguments. */
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** After this long it is killed: when it was asked to stop, or when this process has died. */
  readonly stopDeadlineMs: number;
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it said, for people. */
  readonly text: string;
}

const MAX_LOG_BYTES = 20_000_000;
const MAX_TAIL_CHARACTERS = 20_000;

/** A Node program of ours while it runs: output goes to its log file, the end of it is kept for messages. */
export class Program {
  private tail = '';
  private readonly end: Promise<ProgramEnd>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly log: number,
    private readonly stopDeadlineMs: number,
  ) {
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => this.keep(chunk));
    this.end = this.waitForEnd();
  }

  static start({ command, env, logFile, stopDeadlineMs }: ProgramOptions): Program {
    if (existsSync(logFile) && statSync(logFile).size > MAX_LOG_BYTES) renameSync(logFile, `${logFile}.1`);
    // An own process group: Ctrl-C reaches the stack alone, which then stops its programs in order.
    const child = spawn(process.execPath, command, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    return new Program(child, openSync(logFile, 'a', 0o600), stopDeadlineMs);
  }

  get pid(): number {
    return this.child.pid as number; // this very Node runs it, so there is one
  }

  /** Resolves when it has ended, however it did. */
  ended(): Promise<ProgramEnd> {
    return this.end;
  }

  /** Asks it to stop and, after its deadline, kills it. @returns false when it had to be killed */
  async stop(): Promise<boolean> {
    signal(this.pid, 'SIGTERM');
    let killed = false;
    const timer = setTimeout(() => {
      killed = true;
      signal(this.pid, 'SIGKILL');
    }, this.stopDeadlineMs);
    await this.end;
    clearTimeout(timer);
    return !killed;
  }

  private waitForEnd(): Promise<ProgramEnd> {
    const forget = endWithThisProcess(this.pid, 'SIGTERM', Math.ceil(this.stopDeadlineMs / 1000));
    return new Promise((resolve) => {
      this.child.once('exit', forget); // what it has started may keep its output open for longer
      this.child.once('close', (code, name) => {
        closeSync(this.log);
        resolve({ code, signal: name, text: failureText(this.tail) });
      });
    });
  }

  /** What cannot be written, because the disk is full, must not end what it tells of. */
  private keep(chunk: Buffer): void {
    try {
      writeSync(this.log, chunk);
    } catch {
      // the end of it is kept for messages all the same
    }
    this.tail = (this.tail + chunk.toString()).slice(-MAX_TAIL_CHARACTERS);
  }
}
