import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import pg from 'pg';

/** An empty database for one spec. */
export interface TestDatabase {
  readonly name: string;
  /** With the rights of the address it was made with. */
  readonly url: string;
  /** Removes it together with its replication slots; ends sessions that are still connected. */
  drop(): Promise<void>;
}

/** @param prefix lower-case letters, digits and `_`; a random part is added */
export async function createDatabase(adminUrl: string, prefix: string): Promise<TestDatabase> {
  const name = `${prefix}_${randomBytes(6).toString('hex')}`;
  await query(adminUrl, `CREATE DATABASE "${name}"`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { name, url: url.href, drop: () => dropDatabase(adminUrl, name) };
}

/** One statement on a connection of its own; values come as `pg` gives them. */
export async function query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'astro-testing' });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values.length === 0 ? undefined : [...values])).rows;
  } finally {
    await client.end();
  }
}

async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  const slots = await query<{ slot_name: string; active_pid: number | null }>(
    adminUrl,
    'SELECT slot_name, active_pid FROM pg_replication_slots WHERE database = $1',
    [name],
  );
  for (const { slot_name: slot, active_pid: pid } of slots) {
    // Waits until the reader is gone; its slot cannot be dropped before.
    if (pid !== null) await query(adminUrl, 'SELECT pg_terminate_backend($1, 10000)', [pid]);
    await query(adminUrl, 'SELECT pg_drop_replication_slot($1)', [slot]);
  }
  await query(adminUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
}

/** An empty Redis database for one spec. */
export interface TestRedisDb {
  readonly url: string;
  readonly index: number;
  /** Empties it. */
  drop(): Promise<void>;
}

const NEXT_DB_KEY = 'astro-testing:next-db';
const DATABASES = 2_047;

/** An empty database of the shared Redis; number 0 only counts which ones are given out. */
export async function freshRedisDb(adminUrl: string, caFile = process.env.TEST_CA_FILE): Promise<TestRedisDb> {
  const index = await withRedis(adminUrl, caFile, async (redis) => ((await redis.incr(NEXT_DB_KEY)) % DATABASES) + 1);
  const url = new URL(adminUrl);
  url.pathname = `/${index}`;
  const drop = () => withRedis(url.href, caFile, async (redis) => void (await redis.flushdb()));
  await drop();
  return { url: url.href, index, drop };
}

/** Runs `use` with a verified connection and closes it. */
export async function withRedis<T>(
  url: string,
  caFile: string | undefined,
  use: (redis: Redis) => Promise<T>,
): Promise<T> {
  const tls = url.startsWith('rediss:') && caFile ? { tls: { ca: readFileSync(caFile) } } : {};
  const redis = new Redis(url, { ...tls, maxRetriesPerRequest: 3, connectionName: 'astro-testing' });
  redis.on('error', () => {}); // the command that fails tells
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
