/** What a command needs before it can start: a Node that is new enough, the packages, the built programs. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../build/lock.mjs';
import { ROOT } from './running.mjs';

/** Of a failed command's output; npm ends its own with pages of help. */
const MAX_LINES = 60;

/** @returns a sentence when `version` (such as `20.20.2`) is older than `engines` (such as `>=20.19`) asks for, else null */
export function nodeProblem(version, engines) {
  const [wantedMajor, wantedMinor = 0] = engines.replace('>=', '').split('.').map(Number);
  const [major, minor] = version.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return null;
  return `Node ${version} is too old; this needs ${engines.replace('>=', '')} or newer. Install it from https://nodejs.org and try again.`;
}

/** Ends the process with a message when something is missing that it cannot get by itself. */
export async function prepare({ build }) {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const problem = nodeProblem(process.versions.node, engines.node);
  if (problem) fail(problem);
  if (!isInstalled()) await install();
  if (build) buildPrograms();
}

function isInstalled() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  const wanted = join(ROOT, 'package-lock.json');
  if (!existsSync(installed)) return false;
  if (statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return true;
  return holdsAll(readPackages(installed), readPackages(wanted));
}

function readPackages(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

/**
 * True when every package that `wanted` needs on each machine is in `installed` with the same version: a lock file
 * that is only newer, as after a change of branch, is no reason to install everything again.
 */
export function holdsAll(installed, wanted) {
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

async function install() {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  await withLock(join(ROOT, 'dist', '.install.lock'), () => {
    if (isInstalled()) return;
    process.stderr.write('Installing packages (npm ci) …\n');
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
    // Tools that build and start everything are development packages, whatever NODE_ENV says.
    run([...npm, 'ci', '--include=dev', '--no-progress'], 'The packages could not be installed (npm ci)');
  });
}

function buildPrograms() {
  run([process.execPath, join(ROOT, 'tools/build/build.mjs')], 'The programs could not be built (npm run build)');
}

/** Quiet unless it fails: then what it said is shown. */
function run([command, ...args], problem) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return;
  const lines = error ? [error.message] : `${stdout}${stderr}`.trim().split('\n');
  fail([`${problem}:`, ...lines.slice(0, MAX_LINES)].join('\n'));
}

export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
