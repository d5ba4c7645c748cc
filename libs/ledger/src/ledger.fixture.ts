import { systemDataSource } from '@astro/entities';
import { createLogger, createPool, postgresConfig } from '@astro/runtime';
import type {
  CapturePosition,
  LanePage,
  LedgerChange,
  LedgerTransaction,
  Lsn,
  PageLimits,
  Position,
} from '@astro/sync-core';
import { createDatabase, query, testServers, type TestDatabase } from '@astro/testing';
import { Client, type Pool } from 'pg';
import { LedgerWriter, PgLaneLedger, RecentChanges, registerSource, type RegisteredSource } from './index.js';

export const HISTORY = '7000000000000000001/1';
export const LIMITS = { maxRows: 1000, maxBytes: 1_000_000 };
export const START = { commitLsn: 0n as Lsn, seq: -1 };

/** A ledger of one source with the lanes `orders` (public.orders) and `both` (public.orders, public.items). */
export class LedgerRig {
  /** Of the process that all writers of a test run in. */
  readonly recent = new RecentChanges();
  private readonly closing: (() => Promise<unknown>)[] = [];
  /** Of the transactions staged, by commit position. */
  private readonly createdAtOf = new Map<bigint, string>();

  private constructor(
    private readonly database: TestDatabase,
    readonly pool: Pool,
    readonly source: RegisteredSource,
  ) {}

  static async create(): Promise<LedgerRig> {
    const database = await createDatabase(testServers().system, 'ledger');
    const config = configOf(database);
    const dataSource = await systemDataSource(config).initialize();
    await dataSource.runMigrations({ transaction: 'each' });
    await dataSource.destroy();
    const client = new Client(config);
    await client.connect();
    const source = await registerSource(client, 'operations', [
      lane('orders', 'orders'),
      lane('both', 'orders', 'items'),
    ]);
    await client.end();
    return new LedgerRig(database, createPool(config, createLogger('spec', { level: 'silent' })), source);
  }

  async destroy(): Promise<void> {
    for (const close of this.closing) await close();
    await this.pool.end();
    await this.database.drop();
  }

  /** A connection of its own, until the end of the test. */
  async client(): Promise<Client> {
    const client = new Client(configOf(this.database));
    await client.connect();
    this.closing.push(() => client.end());
    return client;
  }

  /** On a session as a person has it, with the server's defaults. */
  async query<Row extends object = Record<string, unknown>>(text: string): Promise<Row[]> {
    return query<Row>(this.database.url, text);
  }

  tableId(name: string): number {
    return this.source.tables.find(({ table }) => table.name === name)?.id ?? -1;
  }

  async openWriter(tables = this.source.tables): Promise<LedgerWriter> {
    const writer = new LedgerWriter(configOf(this.database), this.source.id, this.recent);
    this.closing.push(() => writer.close());
    await writer.open(tables);
    return writer;
  }

  insert(key: string, seq: number, table = 'orders'): LedgerChange {
    return this.inserted({ key, document: `{"id":${JSON.stringify(key)}}` }, seq, table);
  }

  inserted(row: { key: string; document: string }, seq: number, table = 'orders'): LedgerChange {
    const bytes = Buffer.from(row.key + row.document);
    const end = Buffer.byteLength(row.key);
    const range = { key: { start: 0, end }, after: { start: end, end: bytes.length } };
    const rest = { oldKey: null, before: null, unchanged: null };
    return { tableId: this.tableId(table), seq, op: 'insert', bytes, ...range, ...rest };
  }

  stage(writer: LedgerWriter, commitLsn: bigint, changes: readonly LedgerChange[]): void {
    const rows = writer.begin(commitLsn as Lsn, Number(commitLsn));
    this.createdAtOf.set(commitLsn, rows.createdAt);
    for (const change of changes) rows.add(change);
    writer.stage(rows.take());
  }

  /** A transaction that was staged. */
  transaction(commitLsn: bigint, changeCount: number, service?: string): LedgerTransaction {
    const origin = { asserted: service === undefined ? {} : { service }, observed: { role: 'app' } };
    const createdAt = this.createdAtOf.get(commitLsn) ?? '';
    return { commitLsn: commitLsn as Lsn, xid: Number(commitLsn), committedAtUs: 0n, changeCount, origin, createdAt };
  }

  /** A whole transaction of inserts into public.orders, or into another table: `items/a`. */
  async append(writer: LedgerWriter, commitLsn: bigint, rows: readonly string[]): Promise<void> {
    const changes = rows.map((row, seq) => {
      const [key = '', table] = row.split('/').reverse();
      return this.insert(key, seq, table);
    });
    this.stage(writer, commitLsn, changes);
    await writer.commit([this.transaction(commitLsn, rows.length, 'BookingAPI')], at(commitLsn));
  }

  /** What a lane reads from SystemDB, which is what it reads in the process of the writer too. */
  async readLane(name: string, position: Position = START, limits: PageLimits = LIMITS): Promise<LanePage> {
    const page = await this.laneLedger(name, new RecentChanges()).read({ history: HISTORY, position }, limits);
    const sameProcess = await this.laneLedger(name, this.recent).read({ history: HISTORY, position }, limits);
    expect(page.changes.slice(0, sameProcess.changes.length)).toEqual(sameProcess.changes);
    return page;
  }

  laneLedger(name: string, recent: RecentChanges | null): PgLaneLedger {
    const tables = this.source.lanes.find((candidate) => candidate.name === name)?.tables ?? [];
    return new PgLaneLedger(this.pool, { sourceId: this.source.id, tables, withBefore: true, recent });
  }
}

export function at(commitLsn: bigint): CapturePosition {
  return { history: HISTORY, slot: 's', commitLsn: commitLsn as Lsn, safeLsn: (commitLsn + 1n) as Lsn };
}

export const keysOf = (changes: readonly { key: string }[]): string[] => changes.map(({ key }) => key);

const configOf = ({ url }: TestDatabase) => postgresConfig(url, { applicationName: 'ledger-spec' });

export function lane(name: string, ...tables: string[]) {
  const described = tables.map((table) => ({
    table: { schema: 'public', name: table },
    keyColumns: ['id'],
    columns: [{ name: 'id', typeOid: 23 }],
    carried: null,
  }));
  return { name, dataSet: name, target: 'cache', jobType: 'realtime' as const, tables: described };
}
