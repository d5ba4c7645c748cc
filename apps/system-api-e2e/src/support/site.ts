import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import {
  CACHE_SETTINGS,
  createAuthority,
  freePort,
  startPostgres,
  startRedis,
  type Authority,
  type EmbeddedPostgres,
  type EmbeddedRedis,
  type PostgresSettings,
  type RedisSettings,
} from '@astro/embedded';
import { postgresConfig, redisOptions } from '@astro/runtime';
import { waitFor } from '@astro/testing';
import { PROGRAMS, Program, type ProgramEnd } from './program.js';
import { MONITORING_TOKEN, Service } from './service.js';

export interface SiteOptions {
  readonly operations?: PostgresSettings;
  readonly cache?: RedisSettings;
}

/** Four servers of its own (TLS, fsync on) with the programs that work on them: what an operator runs, in one folder. */
export class Site {
  readonly catalogueFile: string;
  private readonly programs = new Set<Program>();
  private readonly clients: Client[] = [];
  private readonly redises: Redis[] = [];
  /** Variables that every program gets on top; may be changed between starts. */
  readonly extraEnv: Record<string, string> = {};

  private constructor(
    private readonly dir: string,
    readonly tls: Authority,
    readonly operations: EmbeddedPostgres,
    readonly system: EmbeddedPostgres,
    readonly cache: EmbeddedRedis,
    readonly queue: EmbeddedRedis,
  ) {
    this.catalogueFile = join(dir, 'catalogue.yaml');
  }

  static async create({ operations = {}, cache = {} }: SiteOptions = {}): Promise<Site> {
    const dir = mkdtempSync(join(tmpdir(), 'astro-e2e-'));
    chmodSync(dir, 0o711); // the servers may run as another user and must find their folders below
    const tls = await createAuthority(join(dir, 'tls'));
    const postgres = (name: string, settings: PostgresSettings) =>
      startPostgres({ dataDir: join(dir, name), tls, settings: { max_slot_wal_keep_size: '1GB', ...settings } });
    const [operationsServer, systemServer, cacheServer, queueServer] = await Promise.all([
      postgres('operations', operations),
      postgres('system', {}),
      startRedis({ dir: join(dir, 'cache'), tls, settings: { ...CACHE_SETTINGS, ...cache } }),
      startRedis({ dir: join(dir, 'queue'), tls }),
    ]);
    return new Site(dir, tls, operationsServer, systemServer, cacheServer, queueServer);
  }

  get env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      OPERATIONS_DATABASE_URL: this.operations.url,
      SYSTEM_DATABASE_URL: this.system.url,
      CACHE_REDIS_URL: this.cache.url,
      QUEUE_REDIS_URL: this.queue.url,
      TLS_CA_FILE: this.tls.caFile,
      CATALOGUE_FILE: this.catalogueFile,
      ...this.extraEnv,
    };
  }

  writeCatalogue(text: string): void {
    writeFileSync(this.catalogueFile, text);
  }

  /** @param dataSets the `dataSets:` part, indented by two spaces */
  writeDataSets(dataSets: string): void {
    this.writeCatalogue(`version: 1\nsource: {}\ndataSets:\n${dataSets}\n`);
  }

  /** `npm run sync -- <args>`. */
  async sync(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ProgramEnd> {
    return this.start([PROGRAMS.sync, ...args], { ...this.env, ...env }).ended;
  }

  /** @throws with what it said when a step fails */
  async setUp(): Promise<void> {
    for (const command of ['migrate', 'setup']) {
      const { code, stderr } = await this.sync([command]);
      if (code !== 0) throw new Error(`${command} failed: ${stderr}`);
    }
  }

  /** Starts a worker; it may not be ready yet, or never. */
  async startWorker(env: NodeJS.ProcessEnv = {}): Promise<Service> {
    const port = Number(env['WORKER_PORT'] ?? (await freePort()));
    return new Service(this.start([PROGRAMS.worker], { ...this.env, WORKER_PORT: String(port), ...env }), port);
  }

  /** Starts the API with the sign-ins of the demo. */
  async startApi(env: NodeJS.ProcessEnv = {}): Promise<Service> {
    const port = Number(env['API_PORT'] ?? (await freePort()));
    const own = { API_PORT: String(port), MONITORING_TOKEN, DEMO_SIGN_INS: 'true' };
    return new Service(this.start([PROGRAMS.api], { ...this.env, ...own, ...env }), port);
  }

  async connect(server: EmbeddedPostgres, url = server.url): Promise<Client> {
    const client = new Client(postgresConfig(url, { applicationName: 'e2e' }));
    client.on('error', () => undefined); // a test stops the server; the next statement tells
    await client.connect();
    this.clients.push(client);
    return client;
  }

  redis(server: EmbeddedRedis): Redis {
    const redis = new Redis(redisOptions(server.url, { caFile: this.tls.caFile, connectionName: 'e2e' }));
    redis.on('error', () => undefined); // a test stops the server; the next command tells
    this.redises.push(redis);
    return redis;
  }

  /** Waits until everything committed before the call is captured and every data set streams and has applied it. */
  async settled(timeoutMs = 60_000): Promise<void> {
    const operations = await this.connect(this.operations);
    const system = await this.connect(this.system);
    const { rows } = await operations.query<{ lsn: string }>(`SELECT pg_logical_emit_message(true, 'e2e', '') AS lsn`);
    const isPast = async () => {
      const lanes = await system.query<{ ready: boolean }>(
        `SELECT s.safe_lsn >= $1::pg_lsn AND NOT EXISTS (
           SELECT FROM sync.ledger_lanes l WHERE l.active AND (l.state <> 'streaming' OR l.copy_requested))
         AS ready FROM sync.sources s WHERE s.name = 'operations'`,
        [rows[0]?.lsn],
      );
      if (!lanes.rows[0]?.ready) return false;
      const open = await system.query(
        `SELECT FROM public.job_queue WHERE status IN ('pending', 'failed') AND job_type <> 'batch' LIMIT 1`,
      );
      return open.rowCount === 0;
    };
    await waitFor(isPast, { what: 'everything to be applied', timeoutMs });
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.programs].map((program) => program.kill()));
    await Promise.all(this.clients.map((client) => client.end().catch(() => undefined)));
    for (const redis of this.redises) redis.disconnect();
    await Promise.all([
      this.operations.stop('immediate'),
      this.system.stop('immediate'),
      this.cache.kill(),
      this.queue.kill(),
    ]);
    rmSync(this.dir, { recursive: true, force: true });
  }

  private start(args: readonly string[], env: NodeJS.ProcessEnv): Program {
    const program = new Program(args, env);
    this.programs.add(program);
    void program.ended.then(() => this.programs.delete(program));
    return program;
  }
}
