import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { EmbeddedServerError } from './errors.js';
import { disableService, installPackage } from './package-manager.js';

const NAMES = ['valkey-server', 'redis-server'] as const;
const PACKAGE = 'redis-server';

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
  await installPackage(PACKAGE, announce);
  const binary = onPath();
  if (binary !== undefined) await disableService(PACKAGE);
  return binary;
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
