import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CACHE_SETTINGS,
  commandOf,
  createAuthority,
  endLeftover,
  isAlive,
  startPostgres,
  startRedis,
  type RedisSettings,
} from '@astro/embedded';

/**
 * The process that holds the servers of one test run. It prints their addresses as one line of JSON and stops them
 * when its standard input ends, which also happens when the test run is killed.
 */

const PREFIX = 'astro-test-';
const SERVERS = ['operations', 'system', 'cache', 'queue'];
const PID_FILE = 'host.pid';

// The data of a test run is worth nothing after a crash; tests of crashes start servers of their own.
const POSTGRES_SETTINGS = {
  fsync: false,
  full_page_writes: false,
  max_connections: 300,
  max_replication_slots: 100,
  max_wal_senders: 100,
  max_slot_wal_keep_size: '2GB',
};
const REDIS_SETTINGS = { databases: 2_048 };

async function main(): Promise<void> {
  await sweep();
  const dir = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(dir, 0o711); // the servers may run as another user and must find their folders below
  writeFileSync(join(dir, PID_FILE), String(process.pid));
  const tls = await createAuthority(join(dir, 'tls'));
  const untrusted = await createAuthority(join(dir, 'untrusted'));
  const postgres = (name: string) => startPostgres({ dataDir: join(dir, name), tls, settings: POSTGRES_SETTINGS });
  const redis = (name: string, settings: RedisSettings = {}) =>
    startRedis({ dir: join(dir, name), tls, settings: { ...REDIS_SETTINGS, ...settings }, announce });
  const redisServers = async () => [await redis('cache', CACHE_SETTINGS), await redis('queue')] as const; // one installation at most
  const [operations, system, [cache, queue]] = await Promise.all([
    postgres('operations'),
    postgres('system'),
    redisServers(),
  ]);
  const stop = async () => {
    await Promise.all([operations.stop('immediate'), system.stop('immediate'), cache.kill(), queue.kill()]);
    rmSync(dir, { recursive: true, force: true });
    process.exit(0);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => void stop());
  process.stdin.on('end', () => void stop()).resume();
  const urls = { operations: operations.url, system: system.url, cache: cache.url, queue: queue.url };
  process.stdout.write(`${JSON.stringify({ ...urls, caFile: tls.caFile, untrustedCaFile: untrusted.caFile })}\n`);
}

/** Ends and removes what a host that was killed left behind. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX))) {
    const dir = join(tmpdir(), name);
    if (isInUse(dir)) continue;
    for (const server of SERVERS) await endLeftover(server, join(dir, server), '');
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Also true for what cannot be judged: another user's, or one that is being made at this moment. */
function isInUse(dir: string): boolean {
  try {
    const pid = Number(readFileSync(join(dir, PID_FILE), 'utf8'));
    return isAlive(pid) && commandOf(pid).includes('server-host');
  } catch {
    return true;
  }
}

function announce(message: string): void {
  process.stderr.write(`${message}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `The servers for the tests could not be started. ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
});
