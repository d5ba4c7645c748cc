import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endWithThisProcess } from './exit-guard.js';

/** A program that notes SIGTERM in the file of its argument, and goes on. */
const STUBBORN = `
process.on('SIGTERM', () => require('node:fs').writeFileSync(process.argv[1], 'asked'));
setInterval(() => undefined, 1000);
console.log('ready');`;

/** Starts {@link STUBBORN} with the file of its own argument, guards it, prints its process id, and waits to be killed. */
async function main(): Promise<void> {
  const child = spawn(process.execPath, ['-e', STUBBORN, process.argv[2] ?? ''], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  if (child.pid === undefined) throw new Error('it has printed and has no process id');
  endWithThisProcess(child.pid, 'SIGTERM', 1);
  process.stdout.write(`${child.pid}\n`);
}

void main();
