import { type Redis } from 'ioredis';
import pg from 'pg';
import { createDatabase, freshRedisDb, query, testServers, watchLeaks, type TestDatabase } from '@astro/testing';
import { createLogger } from './logger.js';
import { postgresConfig, type PostgresOptions } from './postgres-config.js';
import { createPool } from './postgres-pool.js';
import { createRedis } from './redis-client.js';
import { redisOptions } from './redis-options.js';
import { isTransientPostgresError } from './transient-errors.js';

const servers = testServers();
const options: PostgresOptions = { applicationName: 'runtime spec', caFile: servers.caFile };
const silent = createLogger('test', { level: 'silent' });
const noLeaks = watchLeaks();
let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase(servers.operations, 'runtime');
  const hostile = [
    [
      "datestyle = 'SQL, DMY'",
      "intervalstyle = 'sql_standard'",
      "bytea_output = 'escape'",
      "timezone = 'Asia/Kolkata'",
    ],
    ['extra_float_digits = -3', "search_path = 'public'", 'row_security = on', 'statement_timeout = 1234'],
    ["idle_session_timeout = '1h'"],
  ].flat();
  for (const setting of hostile) {
    await query(servers.operations, `ALTER DATABASE "${database.name}" SET ${setting}`);
  }
});
afterAll(async () => {
  await noLeaks({ databases: [database.url] });
  await database.drop();
});

const PINNED = {
  DateStyle: expect.stringMatching(/^ISO/),
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  TimeZone: 'UTC',
  extra_float_digits: '3',
  search_path: 'pg_catalog',
  row_security: 'off',
  statement_timeout: '0',
  idle_session_timeout: '0',
  client_encoding: 'UTF8',
  application_name: 'runtime spec',
};

async function settingsOf(config: pg.ClientConfig): Promise<Record<string, string>> {
  const client = new pg.Client(config);
  await client.connect();
  const settings: Record<string, string> = {};
  try {
    for (const name of Object.keys(PINNED)) {
      const { rows } = await client.query<Record<string, string>>(`SHOW ${name}`);
      Object.assign(settings, rows[0]);
    }
  } finally {
    await client.end();
  }
  return settings;
}

/** The code of the error with which a connection fails. */
async function failureOf(config: pg.ClientConfig): Promise<string> {
  const client = new pg.Client(config);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return 'connected';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    await client.end();
  }
}

describe('PostgreSQL', () => {
  it.each<[string, object]>([
    ['an ordinary connection', {}],
    ['a replication connection', { replication: 'database' }],
  ])('pins the session whatever the database says: %s', async (_name, extra) => {
    expect(await settingsOf({ ...postgresConfig(database.url, options), ...extra })).toEqual(PINNED);
  });

  it('encrypts the link', async () => {
    const pool = createPool(postgresConfig(database.url, options), silent);
    const { rows } = await pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    await pool.end();
    expect(rows).toEqual([{ ssl: true }]);
  });

  it.each<[string, () => pg.ClientConfig, string]>([
    ['a host the certificate names', () => at('localhost', servers.caFile), 'connected'],
    ['a host it does not name', () => at('127.1', servers.caFile), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['an authority that did not sign it', () => at('127.0.0.1', servers.untrustedCaFile), 'CERT_SIGNATURE_FAILURE'],
  ])('verifies the server: %s', async (_name, config, expected) => {
    expect(await failureOf(config())).toBe(expected);
  });

  function at(host: string, caFile: string): pg.ClientConfig {
    const url = new URL(database.url);
    url.host = `${host}:${url.port}`;
    url.search = '?sslmode=require';
    return postgresConfig(url.href, { ...options, caFile });
  }

  it('survives the loss of a client that is checked out and idle', async () => {
    const pool = createPool(postgresConfig(database.url, options), silent);
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const lost = new Promise<unknown>((resolve) => client.once('error', resolve));
    await query(servers.operations, 'SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    expect(isTransientPostgresError(await lost)).toBe(true);
    client.release(true);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });
});

describe('Redis', () => {
  const opened: Redis[] = [];
  afterEach(() => opened.splice(0).forEach((redis) => redis.disconnect()));

  function open(url: string, caFile: string): Redis {
    const redis = createRedis(redisOptions(url, { connectionName: 'runtime-spec', caFile }), silent);
    opened.push(redis);
    return redis;
  }

  it('connects verified and uses the database of the URL', async () => {
    const db = await freshRedisDb(servers.cache);
    const redis = open(db.url, servers.caFile);
    await redis.set('a', '1');
    expect(await redis.client('INFO')).toMatch(new RegExp(`name=runtime-spec .*db=${db.index} `));
    await db.drop();
  });

  it.each<[string, () => string, string, string]>([
    [
      'a host the certificate does not name',
      () => servers.cache.replace('127.0.0.1', '127.1'),
      servers.caFile,
      'ALTNAME',
    ],
    ['an authority that did not sign it', () => servers.cache, servers.untrustedCaFile, 'CERT_SIGNATURE'],
  ])('refuses %s, and fails commands instead of waiting', async (_name, url, caFile, code) => {
    const redis = open(url(), caFile);
    const error = new Promise<NodeJS.ErrnoException>((resolve) => redis.once('error', resolve));
    expect((await error).code).toContain(code);
    await expect(redis.ping()).rejects.toThrow();
  });
});
