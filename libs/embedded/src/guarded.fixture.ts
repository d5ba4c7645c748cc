import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endWithThisProcess } from './exit-guard.js';

/** Starts a program that ignores SIGTERM, guards it, prints its process id, and waits to be killed. */
async function main(): Promise<void> {
  const child = spawn(
    process.execPath,
    ['-e', "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); console.log('ready')"],
    { detached: true, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await once(child.stdout, 'data');
  endWithThisProcess(child.pid ?? 0, 'SIGTERM', 1);
  process.stdout.write(`${child.pid}\n`);
}

void main();
