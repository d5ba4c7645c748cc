import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const fileIn = (root, name) => join(root, '.stack', 'run', name);

/** The process that holds the stack of this checkout; null when nothing runs. */
export function runningPid(root = ROOT) {
  const lock = fileIn(root, 'lock');
  if (!existsSync(lock)) return null;
  const pid = Number(readFileSync(lock, 'utf8'));
  return isStart(pid) ? pid : null;
}

/** What the running stack says about itself; null when nothing runs or it is only just starting. */
export function runningState(root = ROOT) {
  const file = fileIn(root, 'state.json');
  return runningPid(root) === null ? null : readState(file);
}

/** Null when there is none, or it is damaged: it only repeats what the stack that runs knows. */
export function readState(file) {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Makes this process the holder of the stack. @returns false when another one is */
export function takeLock(root = ROOT) {
  const lock = fileIn(root, 'lock');
  // Under root the servers run as another user, who must find the way to the data but not read what lies beside.
  mkdirSync(join(root, '.stack'), { recursive: true, mode: 0o711 });
  mkdirSync(dirname(lock), { recursive: true, mode: 0o700 });
  if (existsSync(lock) && runningPid(root) === null) rmSync(lock);
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

export function releaseLock(root = ROOT) {
  rmSync(fileIn(root, 'lock'), { force: true });
}

/** A process id can be given to another program after a crash; where Linux shows the command, it is compared. */
function isStart(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  if (pid === process.pid || process.platform !== 'linux') return true;
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('start.mjs');
}
