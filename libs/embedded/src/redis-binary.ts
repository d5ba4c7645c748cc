import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedServerError } from './errors.js';

const run = promisify(execFile);
const NAMES = ['valkey-server', 'redis-server'] as const;
const PACKAGE = 'redis-server';
const INSTALL_TIMEOUT_MS = 300_000;

/** One way to a server program; undefined when it leads nowhere. */
type Way = (announce: (message: string) => void) => string | undefined | Promise<string | undefined>;

/**
 * The program of a Redis-compatible server, looked for in this order: on PATH, from the system's package manager
 * when that can be used without asking, from the npm package `redis-memory-server` when it is installed.
 * @param announce told before something takes long
 * @throws {EmbeddedServerError} naming every way when there is none
 */
export async function redisBinary(
  announce: (message: string) => void = () => {},
  ways: readonly Way[] = [onPath, fromPackageManager, fromNpm],
): Promise<string> {
  for (const way of ways) {
    const binary = await way(announce);
    if (binary !== undefined) return binary;
  }
  throw new EmbeddedServerError(
    'No Redis-compatible server was found. Do one of these: set CACHE_REDIS_URL and QUEUE_REDIS_URL to servers of ' +
      "your own; put valkey-server or redis-server on PATH; install it with the system's package manager " +
      `(Debian and Ubuntu: sudo apt-get install ${PACKAGE}, macOS: brew install redis); or run ` +
      '"npm install --no-save redis-memory-server", which builds it from source.',
  );
}

/** The server on PATH, or in the places where Debian and Homebrew put it. */
function onPath(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
  const candidates = NAMES.flatMap((name) => folders.filter(Boolean).map((folder) => join(folder, name)));
  return candidates.find((file) => existsSync(file));
}

async function fromPackageManager(announce: (message: string) => void): Promise<string | undefined> {
  const prefix = withoutAsking();
  if (!prefix || !existsSync('/usr/bin/apt-get')) return undefined;
  announce(`Installing ${PACKAGE} with apt-get, because no Redis-compatible server is installed …`);
  // RUNLEVEL=1 keeps the package from starting a service of its own on the default port.
  const env = ['env', 'RUNLEVEL=1', 'DEBIAN_FRONTEND=noninteractive'];
  const aptGet = [...prefix, ...env, 'apt-get', '-o', 'DPkg::Lock::Timeout=120'];
  const steps = [
    ['update', '-q'],
    ['install', '-q', '-y', '--no-install-recommends', PACKAGE],
  ];
  for (const step of steps) await attempt([...aptGet, ...step]);
  if (existsSync('/run/systemd/system')) await attempt([...prefix, 'systemctl', 'disable', '--now', PACKAGE]);
  return onPath();
}

/** A command prefix that gives root rights without a question; undefined when there is none. */
function withoutAsking(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  try {
    execFileSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
    return ['sudo', '-n'];
  } catch {
    return undefined;
  }
}

/** A step that fails is no error yet: what counts is whether the program is there in the end. */
async function attempt([command, ...args]: readonly string[]): Promise<void> {
  await run(command as string, args, { timeout: INSTALL_TIMEOUT_MS }).catch(() => undefined);
}

async function fromNpm(): Promise<string | undefined> {
  const name = 'redis-memory-server';
  try {
    createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
  const { RedisBinary } = (await import(`${name}/lib/util/RedisBinary.js`)) as {
    RedisBinary: { getPath(): Promise<string> };
  };
  return RedisBinary.getPath();
}
