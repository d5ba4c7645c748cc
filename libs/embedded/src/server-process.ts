import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedServerError } from './errors.js';
import { endWithThisProcess } from './exit-guard.js';
import { commandOf, descendantsOf, isAlive, signal, waitUntilGone } from './processes.js';
import type { Launch } from './run-as.js';
import { until } from './until.js';

export interface ServerProcessOptions {
  /** For messages, such as "PostgreSQL". */
  readonly name: string;
  /** Holds the pid files; one server per folder. */
  readonly dir: string;
  readonly logFile: string;
  readonly launch: Launch;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the server at once and keeps its promises about durability. */
  readonly exitSignal: NodeJS.Signals;
  /** True as soon as the server takes connections. */
  readonly isReady: (pid: number) => boolean | Promise<boolean>;
  readonly readyTimeoutMs: number;
}

const GONE_TIMEOUT_MS = 10_000;

/** One running server process of ours: own process group, output in a log file, ended together with this process. */
export class ServerProcess {
  private constructor(
    private readonly options: ServerProcessOptions,
    private readonly child: ChildProcess,
    private readonly forget: () => void,
  ) {}

  get pid(): number {
    return this.child.pid as number; // one that could not be run was refused
  }

  /** @throws {EmbeddedServerError} with the end of the log when the server does not get ready */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const { launch, name, exitSignal } = options;
    const log = openSync(options.logFile, 'a', 0o600);
    const child = spawn(launch.command, launch.args, {
      // An own group: Ctrl-C in a terminal reaches the program, which then stops its servers in order.
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...options.env },
      ...(launch.uid === undefined ? {} : { uid: launch.uid, gid: launch.gid }),
    });
    closeSync(log);
    const failed = new Promise<Error>((resolve) => child.once('error', resolve));
    if (child.pid === undefined) throw new EmbeddedServerError(`${name} could not be run.`, { cause: await failed });
    const server = new ServerProcess(options, child, endWithThisProcess(child.pid, exitSignal));
    child.unref();
    writePids(options.dir, child.pid);
    await server.becomeReady();
    return server;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Sends `name` and waits for the end; after `timeoutMs` it kills.
   * Does nothing when the server is not running.
   */
  async end(name: NodeJS.Signals, timeoutMs: number): Promise<void> {
    if (this.running) signal(this.pid, name);
    if (!(await this.waitUntilStopped(timeoutMs))) await this.kill();
    this.forget();
  }

  /** SIGKILL to the server and everything it started, as a machine that fails would do; waits until they are gone. */
  async kill(): Promise<void> {
    const family = this.running ? [this.pid, ...descendantsOf(this.pid)] : [];
    for (const pid of family) signal(pid, 'SIGKILL');
    const gone = (await waitUntilGone(family, GONE_TIMEOUT_MS)) && (await this.waitUntilStopped(GONE_TIMEOUT_MS));
    if (!gone) throw new EmbeddedServerError(`${this.options.name} (process ${this.pid}) did not end after SIGKILL.`);
    this.forget();
  }

  private async waitUntilStopped(timeoutMs: number): Promise<boolean> {
    return (await until(() => !this.running, { timeoutMs })) === true;
  }

  private async becomeReady(): Promise<void> {
    const { name, logFile, readyTimeoutMs, isReady } = this.options;
    const state = await until(async () => (this.running ? (await isReady(this.pid)) && 'ready' : 'ended'), {
      timeoutMs: readyTimeoutMs,
    });
    if (state === 'ready') return;
    await this.kill();
    const problem = state === 'ended' ? 'ended while starting' : `was not ready after ${readyTimeoutMs / 1000} s`;
    throw new EmbeddedServerError(`${name} ${problem}. Its log (${logFile}) ends with:\n${logTail(logFile)}`);
  }
}

/** Who runs the server of a folder: its process and the one that started it. */
interface Pids {
  readonly server: number;
  readonly owner: number;
}

const PID_FILE = 'embedded.pid';

/**
 * Ends a server that an earlier process left behind in `dir` (it was killed and could not stop it).
 * @param mark text that the server's command line holds; guards against a process id that now is another program
 * @throws {EmbeddedServerError} when the process that started it is still there: then it is in use
 */
export async function endLeftover(name: string, dir: string, mark: string): Promise<void> {
  const pids = readPids(dir);
  if (!pids || !isAlive(pids.server) || !commandOf(pids.server).includes(mark)) return;
  if (isAlive(pids.owner)) {
    throw new EmbeddedServerError(`${name} in ${dir} is already running, started by process ${pids.owner}.`);
  }
  const family = [pids.server, ...descendantsOf(pids.server)];
  signal(pids.server, 'SIGINT');
  if (await waitUntilGone(family, GONE_TIMEOUT_MS)) return;
  for (const pid of family) signal(pid, 'SIGKILL');
  if (await waitUntilGone(family, GONE_TIMEOUT_MS)) return;
  throw new EmbeddedServerError(`${name} left behind in ${dir} (process ${pids.server}) cannot be ended.`);
}

function writePids(dir: string, server: number): void {
  const pids: Pids = { server, owner: process.pid };
  writeFileSync(join(dir, PID_FILE), JSON.stringify(pids), { mode: 0o600 });
}

function readPids(dir: string): Pids | undefined {
  const file = join(dir, PID_FILE);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Pids;
  } catch {
    return undefined; // cut short by the same end of the machine that ended the server
  }
}

function logTail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
}
