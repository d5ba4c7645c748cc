import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { until } from './until.js';

/** Every process id with its parent's. */
type ProcessTable = ReadonlyMap<number, number>;

const onLinux = process.platform === 'linux';

/**
 * True when the process runs. A dead process that nobody has collected yet (a zombie) does not count, unless a
 * thread of it is still ending: until then its ports are taken.
 */
export function isAlive(pid: number): boolean {
  if (onLinux) {
    const [state] = statFields(pid);
    return state === 'Z' ? threadCount(pid) > 1 : state !== undefined && state !== 'X';
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The command line of a process, empty when it cannot be seen. */
export function commandOf(pid: number): string {
  try {
    if (onLinux) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/** The process that started `pid`, or that took it over; undefined when `pid` is gone. */
export function parentOf(pid: number): number | undefined {
  return processTable().get(pid);
}

/** All processes that descend from `pid`, without itself. */
export function descendantsOf(pid: number): readonly number[] {
  const table = processTable();
  const found = [pid];
  for (const parent of found) for (const [child, itsParent] of table) if (itsParent === parent) found.push(child);
  return found.slice(1);
}

/** Sends a signal; a process that is already gone is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** @returns false when one of them still runs after `timeoutMs` */
export async function waitUntilGone(pids: readonly number[], timeoutMs: number): Promise<boolean> {
  return (await until(() => !pids.some(isAlive), { timeoutMs })) === true;
}

function processTable(): ProcessTable {
  if (!onLinux) return parseProcessTable(execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }));
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Map(pids.map((name) => [Number(name), Number(statFields(Number(name))[1] ?? 0)]));
}

function parseProcessTable(listing: string): ProcessTable {
  const lines = listing.trim().split('\n');
  return new Map(lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]));
}

function threadCount(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

/** The fields of /proc/<pid>/stat from the third (state, parent, …); the second may hold spaces and brackets. */
function statFields(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
