/** `npm run sync -- …`: the command line tool, connected to the stack that runs here, else to what the environment names. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { ROOT, runningState } from './running.mjs';

await prepare({ build: true });
const env = { CATALOGUE_FILE: join(ROOT, 'config/astrobookings.yaml'), ...process.env, ...runningState()?.env };
const child = spawn(process.execPath, [join(ROOT, 'dist/apps/sync-worker/sync.js'), ...process.argv.slice(2)], {
  cwd: process.env.INIT_CWD ?? ROOT, // file names are meant from where the command was typed
  stdio: 'inherit',
  env,
});
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => child.kill(name));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
