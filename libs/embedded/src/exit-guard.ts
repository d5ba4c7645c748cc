import { spawn } from 'node:child_process';

/**
 * Sees to it that a process does not outlive this one, however this one ends, SIGKILL included: a small shell waits
 * at the other end of a pipe, and when the pipe closes it sends `signal`.
 * @returns a function that calls it off, for when the process has ended
 */
export function endWithThisProcess(pid: number, signal: NodeJS.Signals): () => void {
  // It ignores what a terminal sends to everybody: then this process decides about the order.
  const script = `trap '' INT TERM HUP; read -r _ || kill -${signal.slice('SIG'.length)} ${pid}`;
  const guard = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.on('error', () => {}); // no shell: the next start still finds the leftover by its pid file
  guard.stdin.on('error', () => {}); // the guard itself was killed
  guard.unref();
  return () => guard.stdin.end('done\n');
}
