import { spawn } from 'node:child_process';

/**
 * Sees to it that a process does not outlive this one, however this one ends, SIGKILL included: a small shell waits
 * at the other end of a pipe, and when the pipe closes it sends `signal`. One that is still there after
 * `killAfterSeconds`, a whole number, is killed; without that it is left to end in its own time, as a database is.
 * @returns a function that calls it off, for when the process has ended
 */
export function endWithThisProcess(pid: number, signal: NodeJS.Signals, killAfterSeconds?: number): () => void {
  // It ignores what a terminal sends to everybody: then this process decides about the order.
  const ask = `kill -${signal.slice('SIG'.length)} ${pid}`;
  const end = killAfterSeconds === undefined ? ask : `${ask} && ${killLater(pid, killAfterSeconds)}`;
  const script = `trap '' INT TERM HUP; read -r _ || { ${end}; }`;
  const guard = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.on('error', () => {}); // no shell: the next start still finds the leftover by its pid file
  guard.stdin.on('error', () => {}); // the guard itself was killed
  guard.unref();
  return () => guard.stdin.end('done\n');
}

/** It looks every second, and leaves off as soon as nothing has this number: another process may get it later. */
function killLater(pid: number, seconds: number): string {
  const looks = Array.from({ length: seconds }, () => `sleep 1 && kill -0 ${pid} || exit`);
  return `{ ${[...looks, `kill -KILL ${pid}`].join('; ')}; }`;
}
