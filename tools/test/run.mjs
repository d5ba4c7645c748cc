/** `npm test`: every test of every project, from nothing but Node. Further arguments go to jest. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, prepare } from '../stack/prepare.mjs';
import { ROOT } from '../stack/running.mjs';
import { verdict } from './verdict.mjs';

/** Each worker may drive servers and programs of its own. */
const WORKERS = 2;

await prepare({ build: true });
requireRedis();
const dir = mkdtempSync(join(tmpdir(), 'astro-results-'));
const resultFile = join(dir, 'results.json');
const jestStatus = runJest(resultFile);
const result = existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8')) : null;
rmSync(dir, { recursive: true, force: true });
const { line, exitCode } = verdict(result, jestStatus);
process.stdout.write(`${line}\n`);
process.exitCode = exitCode;

/** One clear message here instead of one per project that needs it; installs it where that can be done. */
function requireRedis() {
  const script =
    "import('@astro/embedded').then(({ redisBinary }) => redisBinary(console.error)).catch((e) => { console.error(e.message); process.exit(1); })";
  const { status } = node(['--import', 'tsx', '--input-type=module', '--eval', script]);
  if (status !== 0) fail('The tests were not run.');
}

function runJest(outputFile) {
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const own = [
    '--config',
    join(ROOT, 'jest.config.cjs'),
    `--maxWorkers=${WORKERS}`,
    '--json',
    `--outputFile=${outputFile}`,
  ];
  return node([jest, ...own, ...process.argv.slice(2)]).status;
}

function node(args) {
  const env = { ...process.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.base.json') };
  // jest prints its JSON on standard output as well, where only the last line of this command belongs.
  return spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: ['inherit', 'ignore', 'inherit'] });
}
