/** `npm run reset`: removes everything that `npm start` made, data included. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from './prepare.mjs';
import { ROOT, runningPid } from './running.mjs';

const STACK = join(ROOT, '.stack');
const DATA = join(STACK, 'data');

const pid = runningPid();
if (pid !== null) fail(`It is running (process ${pid}). Stop it first: Ctrl-C where it was started, or: kill ${pid}`);
const left = existsSync(DATA) ? readdirSync(DATA).filter(isServed) : [];
if (left.length > 0) {
  fail(
    `Servers of a start that was killed still run (${left.join(', ')}). Run "npm start", stop it with Ctrl-C, then reset.`,
  );
}
rmSync(STACK, { recursive: true, force: true });
process.stdout.write('All local data is removed. "npm start" begins anew.\n');

function isServed(name) {
  const file = join(DATA, name, 'embedded.pid');
  if (!existsSync(file)) return false;
  const { server } = JSON.parse(readFileSync(file, 'utf8'));
  const command = `/proc/${server}/cmdline`;
  try {
    process.kill(server, 0);
    return process.platform !== 'linux' || /postgres|redis|valkey/.test(readFileSync(command, 'utf8'));
  } catch (error) {
    return error.code === 'EPERM';
  }
}
