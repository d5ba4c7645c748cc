import { loadDemo } from '../demo/load.js';
import { releaseLock, ROOT, takeLock } from './running.mjs';
import { explain, StackError } from './src/errors.js';
import { npmIsGone } from './src/launcher.js';
import { readOptions, USAGE, type StackOptions } from './src/options.js';
import { Screen } from './src/screen.js';
import { DEMO_SIGN_INS, signInText } from './src/sign-ins.js';
import { Stack } from './src/stack.js';

/** `npm start` once the packages are installed and the programs are built; ends the process. */
export async function main(args: readonly string[]): Promise<void> {
  const screen = new Screen();
  try {
    const options = readOptions({ args, env: process.env, cwd: process.env.INIT_CWD ?? ROOT, root: ROOT });
    if (options === null) screen.show(USAGE);
    else await run(options, screen);
  } catch (error) {
    process.stderr.write(`\n${explain(error)}\n`);
    process.exit(1);
  }
  process.exit(0);
}

async function run(options: StackOptions, screen: Screen): Promise<void> {
  if (!takeLock()) throw new StackError('It is already running.');
  const stack = new Stack({ root: ROOT, options, screen, loadDemo });
  const asked = onStopSignal();
  try {
    await Promise.race([startAndStay(stack, screen), asked, npmIsGone()]);
  } finally {
    screen.say('Stopping …');
    await stack.stop();
    releaseLock();
    screen.say('Everything is stopped');
  }
}

async function startAndStay(stack: Stack, screen: Screen): Promise<never> {
  const web = await stack.start();
  const signIns = stack.isDemo ? `\n\n${signInText(DEMO_SIGN_INS)}` : '';
  screen.show(`AstroBookings Data Synchronization runs at ${web}\nStop it with Ctrl-C; the data stays.${signIns}`);
  return new Promise<never>(() => {}); // until a signal comes
}

const SAME_PRESS_MS = 1_000;

/**
 * Resolves at the first Ctrl-C or SIGTERM. A later one ends everything at once; one within a second is the same
 * Ctrl-C, which npm passes on although the terminal has already sent it here.
 */
function onStopSignal(): Promise<void> {
  let firstAtMs: number | undefined;
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        firstAtMs ??= performance.now();
        if (performance.now() - firstAtMs > SAME_PRESS_MS) process.exit(1);
        resolve();
      });
    }
  });
}
