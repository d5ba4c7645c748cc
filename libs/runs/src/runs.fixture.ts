import { Client, type ClientBase, type Pool } from 'pg';
import type { RunInitiator } from '@astro/contracts';
import { systemDataSource } from '@astro/entities';
import { createLogger, createPool, postgresConfig } from '@astro/runtime';
import { createDatabase, query, testServers, type TestDatabase } from '@astro/testing';
import { createRun, type NewRun } from './run-desk.js';
import { RunStore } from './run-store.js';
import { inTransaction } from './rows.js';

export const ANA: RunInitiator = { kind: 'user', id: '1', name: 'ana' };

/** A SystemDB of its own with every migration, and a store on it. */
export class RunsRig {
  private constructor(
    private readonly database: TestDatabase,
    readonly pool: Pool,
    readonly store: RunStore,
  ) {}

  static async create(): Promise<RunsRig> {
    const database = await createDatabase(testServers().system, 'runs');
    const config = postgresConfig(database.url, { applicationName: 'runs-spec' });
    const dataSource = await systemDataSource(config).initialize();
    await dataSource.runMigrations({ transaction: 'each' });
    await dataSource.destroy();
    const pool = createPool({ ...config, max: 20 }, createLogger('spec', { level: 'silent' }));
    return new RunsRig(database, pool, new RunStore(pool));
  }

  async destroy(): Promise<void> {
    await this.pool.end();
    await this.database.drop();
  }

  transaction<T>(work: (client: ClientBase) => Promise<T>): Promise<T> {
    return inTransaction(this.pool, work);
  }

  /** @returns the new run's id; throws when it is refused */
  async start(run: Partial<NewRun> = {}): Promise<string> {
    const created = await this.transaction((client) => createRun(client, { ...aRun(), ...run }));
    if (created.kind === 'created') return created.runId;
    throw new Error(`busy: ${JSON.stringify(created.inTheWay)}`);
  }

  /** As if the worker had said nothing for long. */
  async silence(itemId: string): Promise<void> {
    await this.sql(`UPDATE sync.run_items SET lease_until = now() - interval '1 second' WHERE id = $1`, [itemId]);
  }

  async sql<Row extends object = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, values)).rows;
  }

  async stateOf(runId: string): Promise<string> {
    const [run] = await this.sql<{ state: string }>('SELECT state FROM sync.runs WHERE id = $1', [runId]);
    return run?.state ?? 'gone';
  }

  /** Hears what is notified; close the client afterwards. */
  async listen(heard: (runId: string) => void): Promise<Client> {
    const client = new Client(postgresConfig(this.database.url, { applicationName: 'runs-spec' }));
    client.on('notification', ({ payload }) => heard(payload ?? ''));
    await client.connect();
    await client.query('LISTEN sync_runs');
    return client;
  }

  async emptied(): Promise<void> {
    await query(this.database.url, 'TRUNCATE sync.runs, sync.schedules CASCADE');
  }
}

export function aRun(): NewRun {
  return { mode: 'full', dataSets: ['orders'], options: {}, initiator: ANA, whenBusy: 'refuse' };
}
