/**
 * `npm test`: every test of every project, from nothing but Node. Further arguments go to jest, and then the tests in
 * the browser are left out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, prepare } from '../stack/prepare.mjs';
import { ROOT } from '../stack/running.mjs';
import { verdict } from './verdict.mjs';

/** Each worker may drive servers and programs of its own. */
const WORKERS = 2;
const BROWSER_TESTS = join(ROOT, 'apps/system-web-e2e/playwright.config.ts');
/** As the configuration of the tests in the browser has it. */
const BROWSER_REPORT = join(ROOT, 'dist/e2e/results.json');

const jestArguments = process.argv.slice(2);
await prepare({ build: true });
requireRedis();
const withBrowser = jestArguments.length === 0;
const hasBrowser = withBrowser && requireBrowser();
const jest = runJest();
const browser = withBrowser ? runBrowserTests() : undefined;
const { line, exitCode } = verdict(jest, browser);
process.stdout.write(`${line}\n`);
process.exitCode = exitCode;

/** One clear message here instead of one per project that needs it; installs it where that can be done. */
function requireRedis() {
  const script =
    "import('@astro/embedded').then(({ redisBinary }) => redisBinary(console.error)).catch((e) => { console.error(e.message); process.exit(1); })";
  const status = node(['--import', 'tsx', '--input-type=module', '--eval', script]);
  if (status !== 0) fail('The tests were not run.');
}

/** Installs it where that can be done. Without it everything else is tested all the same. @returns is there one? */
function requireBrowser() {
  return node(['--import', 'tsx', join(ROOT, 'tools/test/ensure-chromium.ts')]) === 0;
}

function runJest() {
  const dir = mkdtempSync(join(tmpdir(), 'astro-results-'));
  const outputFile = join(dir, 'results.json');
  const own = [
    '--config',
    join(ROOT, 'jest.config.cjs'),
    `--maxWorkers=${WORKERS}`,
    '--json',
    `--outputFile=${outputFile}`,
  ];
  const status = node([join(ROOT, 'node_modules/jest/bin/jest.js'), ...own, ...jestArguments]);
  const result = readJson(outputFile);
  rmSync(dir, { recursive: true, force: true });
  return { result, status };
}

function runBrowserTests() {
  if (!hasBrowser) {
    process.stderr.write('The tests in the browser were not run, because there is no Chromium (see above).\n');
    return { result: null, status: 1 };
  }
  rmSync(BROWSER_REPORT, { force: true });
  const playwright = join(ROOT, 'node_modules/@playwright/test/cli.js');
  const status = node([playwright, 'test', '--config', BROWSER_TESTS], 2);
  return { result: readJson(BROWSER_REPORT), status };
}

function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/**
 * @param stdout where standard output goes: jest prints its JSON there as well, where only the last line of this
 * command belongs; Playwright prints there what jest prints on standard error
 */
function node(args, stdout = 'ignore') {
  const env = { ...process.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.base.json') };
  return spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: ['inherit', stdout, 'inherit'] }).status;
}
