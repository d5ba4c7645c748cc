import pg from 'pg';
import { Redis } from 'ioredis';
import { readFileSync } from 'node:fs';
import { createDatabase, freshRedisDb, query, testServers, waitFor, watchLeaks, withRedis } from './index.js';

describe('the servers of a test run', () => {
  const { operations, system, cache, queue, caFile, untrustedCaFile } = testServers();

  it.each([
    ['operations', operations],
    ['system', system],
  ])('gives %s over TLS with logical replication', async (_name, url) => {
    const [row] = await query(
      url,
      `SELECT ssl, current_setting('wal_level') AS wal FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
    );
    expect(row).toEqual({ ssl: true, wal: 'logical' });
  });

  it('refuses a database connection without TLS', async () => {
    const plain = operations.replace('sslmode=verify-full', 'sslmode=disable');
    await expect(query(plain, 'SELECT 1')).rejects.toThrow(/no pg_hba.conf entry .* no encryption/);
  });

  it('has a certificate that another authority does not verify', async () => {
    const foreign = operations.replace(encodeURIComponent(caFile), encodeURIComponent(untrustedCaFile));
    await expect(query(foreign, 'SELECT 1')).rejects.toThrow(/certificate/);
    const redis = new Redis(cache, {
      tls: { ca: readFileSync(untrustedCaFile) },
      lazyConnect: true,
      retryStrategy: () => null,
    });
    const reason = new Promise<Error>((resolve) => redis.once('error', resolve));
    await expect(redis.connect()).rejects.toThrow();
    expect((await reason).message).toMatch(/certificate/);
  });

  it('gives two Redis servers that never evict', async () => {
    for (const url of [cache, queue]) {
      const policy = await withRedis(url, caFile, (redis) => redis.config('GET', 'maxmemory-policy'));
      expect(policy).toEqual(['maxmemory-policy', 'noeviction']);
    }
  });
});

describe('createDatabase', () => {
  it('makes an empty database and drops it although a slot is being read', async () => {
    const { operations } = testServers();
    const database = await createDatabase(operations, 'drop_me');
    await query(database.url, `SELECT pg_create_logical_replication_slot('${database.name}', 'pgoutput')`);
    await query(database.url, 'CREATE PUBLICATION everything FOR ALL TABLES');
    const reader = new pg.Client({ connectionString: database.url, replication: 'database' } as pg.ClientConfig);
    reader.on('error', () => {});
    await reader.connect();
    const options = `(proto_version '1', publication_names 'everything')`;
    void reader.query(`START_REPLICATION SLOT ${database.name} LOGICAL 0/0 ${options}`).catch(() => {});
    await waitFor(() => isSlotActive(database.name), { what: 'the slot to be read' });
    await database.drop();
    expect(await query(operations, 'SELECT 1 FROM pg_database WHERE datname = $1', [database.name])).toEqual([]);
  });
});

async function isSlotActive(slot: string): Promise<boolean> {
  const sql = 'SELECT 1 FROM pg_replication_slots WHERE slot_name = $1 AND active';
  return (await query(testServers().operations, sql, [slot])).length === 1;
}

describe('freshRedisDb', () => {
  it('gives every caller a database of its own', async () => {
    const { cache, caFile } = testServers();
    const [one, two] = await Promise.all([freshRedisDb(cache), freshRedisDb(cache)]);
    await withRedis(one.url, caFile, (redis) => redis.set('key', 'value'));
    expect(await withRedis(two.url, caFile, (redis) => redis.dbsize())).toBe(0);
    await one.drop();
    expect(await withRedis(one.url, caFile, (redis) => redis.dbsize())).toBe(0);
  });
});

describe('waitFor', () => {
  it('gives what the condition gave in the end', async () => {
    let looks = 0;
    expect(await waitFor(() => ++looks === 3 && 'done', { what: 'three looks' })).toBe('done');
  });

  it('says what it waited for and why the last look failed', async () => {
    const look = () => Promise.reject(new Error('not there'));
    await expect(waitFor(look, { timeoutMs: 1, what: 'the moon' })).rejects.toThrow(/for the moon, in vain.*not there/);
  });
});

describe('watchLeaks', () => {
  it('finds a session and a Redis client that stay open, and passes once they are closed', async () => {
    const { operations, cache, caFile } = testServers();
    const check = watchLeaks();
    const database = await createDatabase(operations, 'leaks');
    const db = await freshRedisDb(cache);
    const client = new pg.Client(database.url);
    await client.connect();
    const redis = new Redis(db.url, { tls: { ca: readFileSync(caFile) } });
    await redis.ping();
    const scope = { databases: [database.url], redis: [db.url] };
    await expect(check({ ...scope, timeoutMs: 1 })).rejects.toThrow(/session \d+[^]*Redis client[^]*sockets/);
    await client.end();
    redis.disconnect();
    await check(scope);
    await database.drop();
  });
});
