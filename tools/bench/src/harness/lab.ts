import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CACHE_SETTINGS,
  type RedisSettings,
  createAuthority,
  startPostgres,
  startRedis,
  type EmbeddedPostgres,
  type EmbeddedRedis,
  type PostgresSettings,
} from '@astro/embedded';
import { BenchError } from '../errors.js';

/** The four servers of a benchmark, all with TLS, in a temporary folder that goes with them. */
export interface Lab {
  readonly operations: EmbeddedPostgres;
  /** SystemDB; also where native replication ends. */
  readonly system: EmbeddedPostgres;
  readonly cache: EmbeddedRedis;
  readonly queue: EmbeddedRedis;
  readonly dir: string;
  /** Verifies all of them. */
  readonly caFile: string;
  stop(): Promise<void>;
}

/**
 * Alike on both servers, for us and for native replication. Everything else is PostgreSQL's default, so commits are
 * flushed to disk. Checkpoints are asked for between the runs instead of happening in one of them.
 */
const SETTINGS: PostgresSettings = {
  fsync: true,
  max_wal_size: '3GB',
  checkpoint_timeout: '30min',
  track_commit_timestamp: true, // the latency scenario reads when a row was committed
};
const NEEDED_GB = 6;

/** @throws {BenchError} when the disk is too full, {EmbeddedServerError} when a server does not start */
export async function openLab(say: (message: string) => void): Promise<Lab> {
  requireSpace(tmpdir());
  const dir = mkdtempSync(join(tmpdir(), 'astro-bench-'));
  chmodSync(dir, 0o711); // the servers may run as another user and must find their folders below
  const started: (EmbeddedPostgres | EmbeddedRedis)[] = [];
  const stop = async () => {
    await Promise.all(started.map((server) => server.kill())); // what they hold is thrown away
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const tls = await createAuthority(join(dir, 'tls'));
    const postgres = async (name: string) => {
      const server = await startPostgres({ dataDir: join(dir, name), tls, settings: SETTINGS });
      started.push(server);
      return server;
    };
    const redis = async (name: string, settings: RedisSettings = {}) => {
      const server = await startRedis({ dir: join(dir, name), tls, settings, announce: say });
      started.push(server);
      return server;
    };
    const [operations, system] = [await postgres('operations'), await postgres('system')];
    const [cache, queue] = [await redis('cache', CACHE_SETTINGS), await redis('queue')];
    return { operations, system, cache, queue, dir, caFile: tls.caFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function requireSpace(dir: string): void {
  const { bavail, bsize } = statfsSync(dir);
  const freeGb = (bavail * bsize) / 1e9;
  if (freeGb >= NEEDED_GB) return;
  throw new BenchError(
    `The benchmark needs ${NEEDED_GB} GB in ${dir} and finds ${freeGb.toFixed(1)} GB; free some space, or set TMPDIR.`,
  );
}
