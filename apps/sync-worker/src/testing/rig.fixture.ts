import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { createLogger, postgresConfig, redisOptions } from '@astro/runtime';
import {
  createDatabase,
  freshRedisDb,
  testServers,
  waitFor,
  type TestDatabase,
  type TestServers,
  type TestRedisDb,
} from '@astro/testing';
import { migrate } from '../cli/migrate.js';
import { resync } from '../cli/resync.js';
import { setup } from '../cli/setup.js';
import { loadWorkerConfig } from '../config.js';
import { startWorker, type RunningWorker } from '../worker.js';

export interface LaneRow {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ ...postgresConfig(url, { applicationName: 'rig' }) });
  client.on('error', () => undefined); // the running query reports it
  await client.connect();
  return client;
}

/** Addresses of servers that the spec started itself, instead of the shared ones. */
export type OwnServers = Partial<Pick<TestServers, 'operations' | 'system' | 'cache' | 'queue'>>;

/**
 * The whole worker on databases of its own: OperationsDB, SystemDB, cache and queue are real, the worker runs in this
 * process. `schema` is what OperationsDB holds before the set-up.
 */
export class Rig {
  readonly slot = `rig_${randomBytes(6).toString('hex')}`;
  /** Wins over what the rig says, for the next start or command. */
  overrides: NodeJS.ProcessEnv = {};
  private workers: RunningWorker[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'astro-rig-'));

  private constructor(
    private readonly databases: { readonly operations: TestDatabase; readonly system: TestDatabase },
    private readonly redis: { readonly cache: TestRedisDb; readonly queue: TestRedisDb },
    public operations: Client,
    public system: Client,
    readonly cache: Redis,
  ) {}

  /** @param dataSets the `dataSets:` part of a catalogue, indented by two spaces */
  static async create(schema: string, dataSets: string, own: OwnServers = {}): Promise<Rig> {
    const servers = { ...testServers(), ...own };
    const operations = await createDatabase(servers.operations, 'rig');
    const system = await createDatabase(servers.system, 'rig');
    const cache = await freshRedisDb(servers.cache);
    const queue = await freshRedisDb(servers.queue);
    const link = { caFile: servers.caFile, connectionName: 'rig' };
    const rig = new Rig(
      { operations, system },
      { cache, queue },
      await connect(operations.url),
      await connect(system.url),
      new Redis(redisOptions(cache.url, link)),
    );
    try {
      await rig.operations.query(schema);
    } catch (error) {
      await rig.destroy();
      throw error;
    }
    rig.writeCatalogue(dataSets);
    return rig;
  }

  /** One empty table `items` that goes into the cache; its first copy is done, and no worker runs. */
  static async atRest(): Promise<Rig> {
    const dataSets = '  items:\n    from: operations\n    to: cache\n    tables: [public.items]';
    const rig = await Rig.create('CREATE TABLE public.items (id int PRIMARY KEY)', dataSets);
    await rig.setUp();
    await rig.start();
    await rig.streaming();
    await rig.stop();
    return rig;
  }

  get env(): NodeJS.ProcessEnv {
    return {
      OPERATIONS_DATABASE_URL: this.databases.operations.url,
      SYSTEM_DATABASE_URL: this.databases.system.url,
      CACHE_REDIS_URL: this.redis.cache.url,
      QUEUE_REDIS_URL: this.redis.queue.url,
      TLS_CA_FILE: testServers().caFile,
      CATALOGUE_FILE: join(this.folder, 'catalogue.yaml'),
      WORKER_PORT: '0',
      LOG_LEVEL: process.env['RIG_LOG_LEVEL'] ?? 'silent',
      ...this.overrides,
    };
  }

  writeCatalogue(dataSets: string): void {
    const source = `source:\n  slot: ${this.slot}\n  publication: ${this.slot}\n`;
    writeFileSync(join(this.folder, 'catalogue.yaml'), `version: 1\n${source}dataSets:\n${dataSets}\n`);
  }

  async setUp(): Promise<void> {
    await migrate(this.env, () => undefined);
    await setup(this.env, () => undefined);
  }

  /** @param roles such as `capture`; all when absent */
  async start(roles?: string): Promise<RunningWorker> {
    const config = loadWorkerConfig({ ...this.env, ...(roles !== undefined && { WORKER_ROLES: roles }) });
    const worker = await startWorker(config, createLogger('rig', { level: config.logLevel }));
    this.workers.push(worker);
    return worker;
  }

  async stop(): Promise<void> {
    for (const worker of this.workers.splice(0)) {
      await worker.stop();
      await worker.close();
    }
  }

  /** Waits until everything that was committed before the call is captured and applied by every lane. */
  async settled(): Promise<void> {
    const { rows } = await this.operations.query<{ lsn: string }>(
      `SELECT pg_logical_emit_message(true, 'sync.watermark', '') AS lsn`,
    );
    await waitFor(() => this.isPast(rows[0]?.lsn ?? ''), { what: 'everything to be applied', timeoutMs: 60_000 });
  }

  /** Waits until every lane has applied everything and streams: copies that changes asked for are done, too. */
  async streaming(): Promise<void> {
    const allStream = async () => {
      await this.settled();
      const { rows } = await this.system.query<{ n: string }>(
        `SELECT count(*) AS n FROM sync.ledger_lanes WHERE active AND (state <> 'streaming' OR copy_requested)`,
      );
      return rows[0]?.n === '0';
    };
    await waitFor(allStream, { what: 'every lane to stream', timeoutMs: 60_000 });
  }

  /** `npm run sync -- resync`. @param names none: all */
  async resync(...names: readonly string[]): Promise<void> {
    await resync(this.env, { names, all: names.length === 0, say: () => undefined });
  }

  /** How every lane stands: name, state and reason. */
  async lanes(): Promise<readonly LaneRow[]> {
    const { rows } = await this.system.query<LaneRow>(
      'SELECT name, state, reason FROM sync.ledger_lanes WHERE active ORDER BY name',
    );
    return rows;
  }

  /** Waits until the lane, or every lane, needs a resync for a reason of this kind (P6). */
  async needsResync(reason: RegExp, lane?: string): Promise<void> {
    let rows: readonly LaneRow[] = [];
    const all = async () => {
      rows = (await this.lanes()).filter(({ name }) => lane === undefined || name === lane);
      return rows.every((row) => row.state === 'needs_resync' && reason.test(row.reason ?? ''));
    };
    await waitFor(all, { what: `needs_resync because of ${String(reason)}`, timeoutMs: 30_000 }).catch(
      (error: unknown) => {
        throw new Error(`The lanes stand otherwise: ${JSON.stringify(rows)}`, { cause: error });
      },
    );
  }

  /** Connects again after a server of the spec's own was away, or after `close`. */
  async reconnect(): Promise<void> {
    await this.disconnect();
    this.operations = await connect(this.env['OPERATIONS_DATABASE_URL'] ?? '');
    this.system = await connect(this.env['SYSTEM_DATABASE_URL'] ?? '');
  }

  async disconnect(): Promise<void> {
    for (const client of [this.operations, this.system]) await client.end().catch(() => undefined);
  }

  async document(key: string): Promise<string | null> {
    return this.cache.get(key);
  }

  /** Every row of a table is its document in the data set of the same name, and there is no other document. */
  async expectDocuments(table: string): Promise<void> {
    const { rows } = await this.operations.query<{ id: number }>(`SELECT * FROM public.${table} ORDER BY id`);
    const keys = rows.map(({ id }) => `{${table}}:${id}`);
    expect((await this.cache.keys(`{${table}}:*`)).sort()).toEqual([...keys].sort());
    const documents = keys.length === 0 ? [] : await this.cache.mget(keys);
    expect(documents).toEqual(rows.map((row) => JSON.stringify(row)));
  }

  /** A table of SystemDB holds the rows of one of OperationsDB, and no others. */
  async expectRows(table: string, copies: string): Promise<void> {
    const source = await this.operations.query(`SELECT * FROM public.${table} ORDER BY id`);
    expect((await this.system.query(`SELECT * FROM public.${copies} ORDER BY id`)).rows).toEqual(source.rows);
  }

  /** Runs `meanwhile` while a statement is sent again and again from a session of its own. */
  async underLoad(statement: string, meanwhile: () => Promise<void>): Promise<void> {
    const client = new Client({ connectionString: this.env['OPERATIONS_DATABASE_URL'] });
    await client.connect();
    let over = false;
    const write = async () => {
      while (!over) await client.query(statement);
    };
    const writing = write();
    try {
      await meanwhile();
    } finally {
      over = true;
      await writing.finally(() => client.end());
    }
  }

  /** Drops everything. */
  async destroy(): Promise<void> {
    await this.stop();
    this.cache.disconnect();
    await this.disconnect();
    await this.databases.operations.drop();
    await this.databases.system.drop();
    await this.redis.cache.drop();
    await this.redis.queue.drop();
    rmSync(this.folder, { recursive: true });
  }

  private async isPast(lsn: string): Promise<boolean> {
    const captured = await this.system.query<{ ok: boolean }>(
      "SELECT safe_lsn >= $1::pg_lsn AS ok FROM sync.sources WHERE name = 'operations'",
      [lsn],
    );
    if (!captured.rows[0]?.ok) return false;
    const pending = await this.system.query(
      `SELECT 1 FROM public.job_queue WHERE status IN ('pending', 'failed') AND job_type = 'realtime' LIMIT 1`,
    );
    return pending.rowCount === 0;
  }
}
