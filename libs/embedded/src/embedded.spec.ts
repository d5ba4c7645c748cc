import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import pg from 'pg';
import {
  CACHE_SETTINGS,
  commandOf,
  createAuthority,
  descendantsOf,
  isAlive,
  startPostgres,
  startRedis,
  waitUntilGone,
  type EmbeddedPostgres,
} from './index.js';

const ROOT = resolve(__dirname, '../../..');
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'astro-embedded-'));
  chmodSync(dir, 0o711);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<pg.QueryResultRow>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function redisCommand(url: string, command: string, ...args: string[]): Promise<unknown> {
  const redis = new Redis(url, { lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null });
  try {
    await redis.connect();
    return await redis.call(command, args);
  } finally {
    redis.disconnect();
  }
}

describe('startPostgres', () => {
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    const tls = await createAuthority(join(dir, 'tls'));
    server = await startPostgres({ dataDir: join(dir, "it's a cluster"), tls, settings: { work_mem: '7MB' } });
  });
  afterAll(() => server.stop());

  it('has the settings of a source of changes and those that were asked for', async () => {
    const names = [
      'wal_level',
      'max_slot_wal_keep_size',
      'fsync',
      'listen_addresses',
      'work_mem',
      'ssl_min_protocol_version',
    ];
    const rows = await query(
      server.url,
      `SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`).join()}`,
    );
    expect(rows).toEqual([
      {
        wal_level: 'logical',
        max_slot_wal_keep_size: '10GB',
        fsync: 'on',
        listen_addresses: '127.0.0.1',
        work_mem: '7MB',
        ssl_min_protocol_version: 'TLSv1.2',
      },
    ]);
  });

  it('takes no connection without TLS and none with a wrong password', async () => {
    const plain = server.url.replace(/\?.*/, '');
    await expect(query(plain, 'SELECT 1')).rejects.toThrow(/no encryption/);
    const wrong = server.urlFor('postgres', { name: 'postgres', password: 'wrong' });
    await expect(query(wrong, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });

  it.each(['kill', 'immediate', 'fast'] as const)('keeps what was committed and its address over %s', async (end) => {
    const { url } = server;
    await query(url, `CREATE TABLE after_${end} AS SELECT 1 AS id`);
    const pid = server.pid as number;
    await (end === 'kill' ? server.kill() : server.stop(end));
    expect([server.pid, isAlive(pid)]).toEqual([null, false]);
    await server.start();
    expect(server.url).toBe(url);
    expect(await query(url, `SELECT id FROM after_${end}`)).toEqual([{ id: 1 }]);
  });

  it('adds settings at a new start', async () => {
    await server.stop();
    await server.start({ max_connections: 37 });
    expect(await query(server.url, 'SHOW max_connections')).toEqual([{ max_connections: '37' }]);
  });

  it('refuses a second server on the same cluster', async () => {
    const again = startPostgres({ dataDir: server.dataDir, password: 'any' });
    await expect(again).rejects.toThrow(/already running, started by process \d+/);
  });

  it('asks for the password of a cluster that exists', async () => {
    await expect(startPostgres({ dataDir: server.dataDir })).rejects.toThrow(/give the password it was made with/);
  });

  it('says why it cannot start', async () => {
    const start = startPostgres({ dataDir: join(dir, 'wrong'), settings: { work_mem: 'plenty' } });
    await expect(start).rejects.toThrow(/ended while starting.*\n.*invalid value for parameter "work_mem"/s);
  });
});

describe('a port that was asked for', () => {
  it('is refused when another program has it', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const start = startRedis({ dir: join(dir, 'taken'), port });
    await expect(start).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken by another program`);
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('startRedis', () => {
  it('keeps what was written over a stop, and needs the password', async () => {
    const server = await startRedis({ dir: join(dir, 'redis'), settings: { appendfsync: 'always' } });
    await redisCommand(server.url, 'SET', 'key', 'value');
    expect(await redisCommand(server.url, 'CONFIG', 'GET', 'maxmemory-policy')).toEqual([
      'maxmemory-policy',
      'noeviction',
    ]);
    await server.stop();
    await server.start();
    expect(await redisCommand(server.url, 'GET', 'key')).toBe('value');
    await server.kill();
    await server.start();
    expect(await redisCommand(server.url, 'GET', 'key')).toBe('value');
    await expect(redisCommand(`redis://127.0.0.1:${server.port}`, 'GET', 'key')).rejects.toThrow(/NOAUTH/);
    await server.stop();
    expect(server.pid).toBeNull();
  });

  it('keeps what was written over a stop without a log of it', async () => {
    const server = await startRedis({ dir: join(dir, 'cache'), settings: CACHE_SETTINGS });
    await redisCommand(server.url, 'SET', 'key', 'value');
    await server.stop();
    await server.start();
    expect(await redisCommand(server.url, 'GET', 'key')).toBe('value');
    expect(existsSync(join(dir, 'cache', 'appendonlydir'))).toBe(false);
    await server.stop();
  });
});

describe('files with secrets', () => {
  it('are closed to other users', async () => {
    const { keyFile } = await createAuthority(join(dir, 'tls'));
    const files = [keyFile, join(dir, "it's a cluster", 'server.key'), join(dir, 'redis', 'redis.conf')];
    expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  });
});

describe('the end of the program that started servers', () => {
  async function holder(name: string, end: string) {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(__dirname, 'holder.fixture.ts'), join(dir, name), end],
      {
        cwd: ROOT,
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
    const exited = once(child, 'exit');
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { child, exited, pids: JSON.parse(line) as number[] };
  }

  it.each([
    ['a normal exit', 'exit', null],
    ['an uncaught error', 'throw', null],
    ['SIGTERM', 'wait', 'SIGTERM'],
    ['SIGINT', 'wait', 'SIGINT'],
    ['SIGKILL', 'wait', 'SIGKILL'],
  ] as const)('ends them too: %s', async (_name, end, signal) => {
    const { child, exited, pids } = await holder('ended', end);
    if (signal) child.kill(signal);
    await exited;
    expect(child.signalCode).toBe(signal);
    expect(await waitUntilGone(pids, 10_000)).toBe(true);
  });

  it('leaves them to the next start when their guards were killed too', async () => {
    const { child, exited, pids } = await holder('killed', 'wait');
    const others = descendantsOf(child.pid as number).filter(
      (pid) => !pids.includes(pid) && commandOf(pid).startsWith('sh '),
    );
    for (const pid of others) process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');
    await exited;
    expect([others.length, ...pids.map(isAlive)]).toEqual([2, true, true]);
    const postgres = await startPostgres({ dataDir: join(dir, 'killed/postgres'), password: 'of-the-spec' });
    const redis = await startRedis({ dir: join(dir, 'killed/redis') });
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await Promise.all([postgres.stop(), redis.stop()]);
  });
});
