import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { postgresConfig, redisOptions } from '@astro/runtime';
import { BenchError } from '../errors.js';
import type { BenchContext } from '../scenario.js';
import { DIST } from './paths.js';
import { Program } from './program.js';
import { dropDatabase, newDatabase } from './databases.js';
import { waitFor, type WaitOptions } from './wait-for.js';
import { Worker, shippedOptions } from './worker.js';

/** How far a lane has come, as its target says. */
export interface LanePosition {
  readonly lsn: bigint;
  readonly copying: boolean;
}

interface Connections {
  readonly operations: pg.Client;
  readonly system: pg.Client;
  readonly cache: Redis;
}

const OPERATIONS = 'bench_operations';
const SYSTEM = 'bench_system';

/** The product with empty databases, as one scenario uses it. */
export class Site {
  private worker: Worker | null = null;

  /** The superuser's address of OperationsDB. */
  readonly operationsUrl: string;
  readonly operations: pg.Client;
  readonly system: pg.Client;
  readonly cache: Redis;

  private constructor(
    private readonly context: BenchContext,
    { operations, system, cache }: Connections,
    private readonly env: NodeJS.ProcessEnv & { readonly OPERATIONS_DATABASE_URL: string },
  ) {
    this.operationsUrl = env.OPERATIONS_DATABASE_URL;
    this.operations = operations;
    this.system = system;
    this.cache = cache;
  }

  /** @param catalogue the text of the YAML file */
  static async open(context: BenchContext, catalogue: string): Promise<Site> {
    const { lab } = context;
    const operationsUrl = await newDatabase(lab.operations, OPERATIONS);
    const systemUrl = await newDatabase(lab.system, SYSTEM);
    const catalogueFile = join(lab.dir, 'catalogue.yaml');
    writeFileSync(catalogueFile, catalogue);
    const [cache, queue] = [emptied(lab.cache.url, lab.caFile), emptied(lab.queue.url, lab.caFile)];
    (await queue).disconnect();
    const env = {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      OPERATIONS_DATABASE_URL: operationsUrl,
      SYSTEM_DATABASE_URL: systemUrl,
      CACHE_REDIS_URL: lab.cache.url,
      QUEUE_REDIS_URL: lab.queue.url,
      TLS_CA_FILE: lab.caFile,
      CATALOGUE_FILE: catalogueFile,
      WORKER_PORT: '0',
    };
    const [operations, system] = [await connected(operationsUrl), await connected(systemUrl)];
    return new Site(context, { operations, system, cache: await cache }, env);
  }

  /** Makes the ledger, then prepares OperationsDB: origin triggers, publication, slot. */
  async install(): Promise<void> {
    await this.sync('migrate');
    await this.sync('setup');
  }

  /** `npm run sync -- <command>`, with the options of Node that the worker gets. @returns what it printed last */
  async sync(command: string, ...names: readonly string[]): Promise<readonly string[]> {
    const { memory, nodeOptions } = this.context;
    const own = command === 'verify' ? nodeOptions : []; // the other commands are not measured
    const args = [...shippedOptions(), ...own, join(DIST, 'sync-worker', 'sync.js'), command, ...names];
    const name = `sync ${command}`;
    return Program.start({ name, command: process.execPath, args, env: this.env, memory }).finished();
  }

  /** Starts the worker; it may still be booting when this returns. @param roles all of them unless given */
  startWorker(roles?: string): Worker {
    if (this.worker) throw new BenchError('the worker is running already');
    const { memory, nodeOptions } = this.context;
    const env = roles === undefined ? this.env : { ...this.env, WORKER_ROLES: roles };
    this.worker = new Worker({ env, nodeOptions, memory });
    return this.worker;
  }

  async stopWorker(): Promise<void> {
    await this.worker?.stop();
    this.worker = null;
  }

  /** Waits for something that the running worker brings about. */
  wait<T>(what: string, look: () => Promise<T | undefined | false>, options: WaitOptions = {}): Promise<T> {
    const waiting = waitFor(what, look, options);
    return this.worker ? this.worker.guard(waiting) : waiting;
  }

  /** Of a lane that ends in CacheDB. */
  async cachePosition(lane: string): Promise<LanePosition | undefined> {
    return position(await this.cache.get(`sync:lane:{${lane}}:`));
  }

  /** Of a lane that ends in SystemDB. */
  async systemPosition(lane: string): Promise<LanePosition | undefined> {
    const { rows } = await this.system.query<{ state: string }>(
      'SELECT state FROM sync.target_positions WHERE lane = $1',
      [lane],
    );
    return position(rows[0]?.state ?? null);
  }

  /** The document of a row, or undefined. */
  async document(dataSet: string, key: string | number): Promise<Readonly<Record<string, unknown>> | undefined> {
    const text = await this.cache.get(`{${dataSet}}:${key}`);
    return text === null ? undefined : (JSON.parse(text) as Record<string, unknown>);
  }

  /** Everything that has committed in OperationsDB is before this. */
  async endOfLog(): Promise<bigint> {
    const { rows } = await this.operations.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn() AS lsn');
    return lsn(rows[0]?.lsn ?? '');
  }

  async close(): Promise<void> {
    await this.stopWorker().catch(() => undefined); // the scenario has its own error, or has stopped it before
    await Promise.all([this.operations.end(), this.system.end()]);
    this.cache.disconnect();
    await dropDatabase(this.context.lab.operations, OPERATIONS);
    await dropDatabase(this.context.lab.system, SYSTEM);
  }
}

/** Runs `use` with a site of its own. */
export async function withSite<T>(
  context: BenchContext,
  catalogue: string,
  use: (site: Site) => Promise<T>,
): Promise<T> {
  const site = await Site.open(context, catalogue);
  try {
    return await use(site);
  } finally {
    await site.close();
  }
}

/** A connection of the benchmark itself. */
export async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client(postgresConfig(url, { applicationName: 'bench', searchPath: 'pg_catalog, public' }));
  client.on('error', () => undefined); // the query that fails tells
  await client.connect();
  return client;
}

/** A connection to a Redis whose keys are gone. */
async function emptied(url: string, caFile: string): Promise<Redis> {
  const redis = new Redis(redisOptions(url, { caFile, connectionName: 'bench' }));
  redis.on('error', () => undefined); // the command that fails tells
  await redis.flushall();
  return redis;
}

function position(state: string | null): LanePosition | undefined {
  if (state === null) return undefined;
  const parsed = JSON.parse(state) as { lsn: string; copy: unknown };
  return { lsn: lsn(parsed.lsn), copying: parsed.copy !== null };
}

function lsn(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
