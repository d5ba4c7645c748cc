/** `npm start`: everything, from nothing but Node. Plain JavaScript until the packages are there. */
import { join } from 'node:path';
import { fail, prepare } from './prepare.mjs';
import { ROOT, runningPid, runningState } from './running.mjs';

const pid = runningPid();
if (pid !== null) {
  const address = runningState()?.web;
  fail(
    `It is already running${address ? ` at ${address}` : ` (process ${pid}) and not ready yet`}. Stop it there with Ctrl-C.`,
  );
}
await prepare({ build: true });
process.env.TSX_TSCONFIG_PATH = join(ROOT, 'tsconfig.base.json');
const { register } = await import('tsx/esm/api');
register();
delete process.env.TSX_TSCONFIG_PATH;
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
