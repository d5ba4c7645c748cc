import { systemDataSource } from '@astro/entities';
import { createPool, createLogger, postgresConfig } from '@astro/runtime';
import {
  FencedError,
  LedgerUnavailableError,
  type CapturePosition,
  type LanePage,
  type LedgerChange,
  type Lsn,
  type PageLimits,
  type Position,
} from '@astro/sync-core';
import { createDatabase, query, testServers, waitFor, type TestDatabase } from '@astro/testing';
import { Client, type Pool } from 'pg';
import {
  LaneJournalWriter,
  LedgerWriter,
  PgLaneJournal,
  PgLaneLedger,
  RecentChanges,
  registerSource,
  restartSource,
  type RegisteredSource,
} from './index.js';

const HISTORY = '7000000000000000001/1';
const LIMITS = { maxRows: 1000, maxBytes: 1_000_000 };
const START = { commitLsn: 0n as Lsn, seq: -1 };

let database: TestDatabase;
let pool: Pool;
let source: RegisteredSource;
/** Of the process that all writers of a test run in. */
let recent: RecentChanges;
const closing: (() => Promise<unknown>)[] = [];

const config = () => postgresConfig(database.url, { applicationName: 'ledger-spec' });

beforeEach(async () => {
  database = await createDatabase(testServers().system, 'ledger');
  const dataSource = await systemDataSource(config()).initialize();
  await dataSource.runMigrations();
  await dataSource.destroy();
  recent = new RecentChanges();
  pool = createPool(config(), createLogger('spec', { level: 'silent' }));
  const client = new Client(config());
  await client.connect();
  source = await registerSource(client, 'operations', [lane('orders', 'orders'), lane('both', 'orders', 'items')]);
  await client.end();
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await pool.end();
  await database.drop();
});

function lane(name: string, ...tables: string[]) {
  const described = tables.map((table) => ({
    table: { schema: 'public', name: table },
    keyColumns: ['id'],
    columns: [{ name: 'id', typeOid: 23 }],
  }));
  return { name, dataSet: name, target: 'cache', jobType: 'realtime' as const, tables: described };
}

function tableId(name: string): number {
  return source.tables.find(({ table }) => table.name === name)?.id ?? -1;
}

async function openWriter(): Promise<LedgerWriter> {
  const writer = new LedgerWriter(config(), source.id, recent);
  closing.push(() => writer.close());
  await writer.open();
  return writer;
}

function insert(key: string, seq: number, table = 'orders'): LedgerChange {
  return inserted({ key, document: `{"id":${JSON.stringify(key)}}` }, seq, table);
}

function inserted(row: { key: string; document: string }, seq: number, table = 'orders'): LedgerChange {
  const bytes = Buffer.from(row.key + row.document);
  const end = Buffer.byteLength(row.key);
  const range = { key: { start: 0, end }, after: { start: end, end: bytes.length } };
  return { tableId: tableId(table), seq, op: 'insert', bytes, ...range, oldKey: null, before: null, unchanged: null };
}

function transaction(commitLsn: bigint, changeCount: number, service?: string) {
  const origin = { asserted: service === undefined ? {} : { service }, observed: { role: 'app' } };
  const createdAt = createdAtOf.get(commitLsn) ?? '';
  return { commitLsn: commitLsn as Lsn, xid: Number(commitLsn), committedAtUs: 0n, changeCount, origin, createdAt };
}

function at(commitLsn: bigint): CapturePosition {
  return { history: HISTORY, slot: 's', commitLsn: commitLsn as Lsn, safeLsn: (commitLsn + 1n) as Lsn };
}

/** Of the transactions staged, by commit position. */
const createdAtOf = new Map<bigint, string>();

function stage(writer: LedgerWriter, commitLsn: bigint, changes: readonly LedgerChange[]): void {
  const rows = writer.begin(commitLsn as Lsn, Number(commitLsn));
  createdAtOf.set(commitLsn, rows.createdAt);
  for (const change of changes) rows.add(change);
  writer.stage(rows.take());
}

async function append(writer: LedgerWriter, commitLsn: bigint, keys: readonly string[], table = 'orders') {
  stage(
    writer,
    commitLsn,
    keys.map((key, seq) => insert(key, seq, table)),
  );
  await writer.commit([transaction(commitLsn, keys.length, 'BookingAPI')], at(commitLsn));
}

function laneLedger(name: string, known = new RecentChanges()): PgLaneLedger {
  const tables = source.lanes.find((candidate) => candidate.name === name)?.tables ?? [];
  return new PgLaneLedger(pool, { sourceId: source.id, tables, withBefore: true, recent: known });
}

/** What a lane reads from SystemDB, which is what it reads in the process of the writer too. */
async function readLane(name: string, position: Position = START, limits: PageLimits = LIMITS): Promise<LanePage> {
  const page = await laneLedger(name).read({ history: HISTORY, position }, limits);
  const sameProcess = await laneLedger(name, recent).read({ history: HISTORY, position }, limits);
  expect(keysOf(page.changes).slice(0, sameProcess.changes.length)).toEqual(keysOf(sameProcess.changes));
  expect(page.changes.slice(0, sameProcess.changes.length)).toEqual(sameProcess.changes);
  return page;
}

const keysOf = (changes: readonly { key: string }[]) => changes.map(({ key }) => key);

describe('LedgerWriter', () => {
  it('stores what was staged together with the position, and nothing before the commit', async () => {
    const writer = await openWriter();
    stage(writer, 10n, [insert('a', 0)]);
    expect(await query(database.url, 'SELECT 1 FROM sync.ledger_changes')).toHaveLength(0);
    await writer.commit([transaction(10n, 1)], at(10n));
    expect(keysOf((await readLane('orders')).changes)).toEqual(['a']);
    expect((await openWriter().then((next) => next.open())).position).toEqual(at(10n));
  });

  it('keeps every byte of keys and images', async () => {
    const odd = 'tab\t newline\n back\\slash "quote" 🚀 \\N';
    const writer = await openWriter();
    await append(writer, 10n, [odd]);
    const [change] = (await readLane('orders')).changes;
    expect(change?.key).toBe(odd);
    expect(change?.after).toBe(`{"id":${JSON.stringify(odd)}}`);
  });

  it('lets a second writer fence out the first, which then stores nothing', async () => {
    const first = await openWriter();
    await append(first, 10n, ['a']);
    const second = await openWriter();
    await expect(append(first, 20n, ['lost'])).rejects.toThrow(FencedError);
    await append(second, 20n, ['b']);
    expect(keysOf((await readLane('orders')).changes)).toEqual(['a', 'b']);
  });

  it('keeps the order of time when the next writer has a clock that is behind', async () => {
    await append(await openWriter(), 10n, ['a']);
    await pool.query(`UPDATE sync.ledger_changes SET created_at = now() + interval '1 hour'`);
    await pool.query(`UPDATE sync.ledger_transactions SET created_at = (SELECT created_at FROM sync.ledger_changes)`);
    await append(await openWriter(), 20n, ['b']);
    expect(keysOf((await readLane('orders', { commitLsn: 10n as Lsn, seq: 0 })).changes)).toEqual(['b']);
  });

  it('asks SystemDB to make every append durable, whatever its settings say (P2)', async () => {
    await pool.query(`DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$`);
    const writer = await openWriter();
    const set = jest.spyOn(Client.prototype, 'query');
    await append(writer, 10n, ['a']);
    const client = set.mock.contexts[0] as Client;
    set.mockRestore();
    expect((await client.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('marks every lane and stores nothing while there is a gap, until the source begins anew (P6)', async () => {
    const writer = await openWriter();
    await writer.markGap('the slot is gone');
    const rows = await query(database.url, 'SELECT DISTINCT state, reason FROM sync.ledger_lanes');
    expect(rows).toEqual([{ state: 'needs_resync', reason: 'the slot is gone' }]);
    await expect(append(writer, 20n, ['lost'])).rejects.toThrow(FencedError);
    const next = await openWriter();
    expect((await next.open()).gap).toBe('the slot is gone');
    const client = new Client(config());
    await client.connect();
    await restartSource(client, 'operations', { history: HISTORY, slot: 's', safeLsn: 30n as Lsn });
    await client.end();
    expect((await next.open()).gap).toBeNull();
    await append(next, 40n, ['b']);
  });

  it('stores nothing of an append whose connection was cut, and says that the ledger is unavailable', async () => {
    const writer = await openWriter();
    stage(writer, 10n, [insert('a', 0)]);
    await query(
      database.url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ledger-spec' AND datname = current_database()`,
    );
    await expect(writer.commit([transaction(10n, 1)], at(10n))).rejects.toThrow(LedgerUnavailableError);
    expect((await writer.open()).position).toBeNull();
    expect(await query(database.url, 'SELECT 1 FROM sync.ledger_changes')).toHaveLength(0);
  });
});

describe('PgLaneLedger', () => {
  it('reads only its own tables, merged in commit order', async () => {
    const writer = await openWriter();
    await append(writer, 10n, ['o1'], 'orders');
    await append(writer, 20n, ['i1', 'i2'], 'items');
    await append(writer, 30n, ['o2'], 'orders');
    expect(keysOf((await readLane('both')).changes)).toEqual(['o1', 'i1', 'i2', 'o2']);
    expect(keysOf((await readLane('orders')).changes)).toEqual(['o1', 'o2']);
    const after = { commitLsn: 20n as Lsn, seq: 0 };
    expect(keysOf((await readLane('both', after)).changes)).toEqual(['i2', 'o2']);
  });

  it.each([
    ['the page ends between two transactions', { maxRows: 2, maxBytes: 1_000_000 }, ['a1', 'a2'], false],
    ['the page would end inside the second', { maxRows: 4, maxBytes: 1_000_000 }, ['a1', 'a2'], false],
    ['the page takes both', { maxRows: 5, maxBytes: 1_000_000 }, ['a1', 'a2', 'b1', 'b2', 'b3'], false],
    ['the first alone is larger than the page', { maxRows: 1, maxBytes: 1_000_000 }, ['a1'], true],
    ['one row alone is larger than the bytes', { maxRows: 100, maxBytes: 1 }, ['a1'], true],
  ])('whole transactions: %s', async (_name, limits, expected, partial) => {
    const writer = await openWriter();
    await append(writer, 10n, ['a1', 'a2']);
    await append(writer, 20n, ['b1', 'b2', 'b3']);
    const page = await readLane('orders', START, limits);
    expect(keysOf(page.changes)).toEqual(expected);
    expect(page.partial).toBe(partial);
  });
});

describe('RecentChanges', () => {
  /** What the lane reads without SystemDB; null: it would have to ask. */
  function remembered(position: Position, limits: PageLimits = LIMITS, history = HISTORY) {
    const wanted = { history, position, tableIds: new Set([tableId('orders')]), withBefore: true };
    const page = recent.read(wanted, limits);
    return page && keysOf(page.changes);
  }

  async function openedAt(commitLsn: bigint): Promise<LedgerWriter> {
    const writer = await openWriter();
    await writer.commit([], at(commitLsn));
    return writer;
  }

  const place = (commitLsn: bigint, seq = -1): Position => ({ commitLsn: commitLsn as Lsn, seq });

  it('answers from what this process stored, and only as far as it knows everything', async () => {
    const writer = await openedAt(10n);
    await append(writer, 20n, ['a', 'b']);
    await append(writer, 30n, ['elsewhere'], 'items');
    await append(writer, 40n, ['c']);
    expect(remembered(place(10n))).toEqual(['a', 'b', 'c']);
    expect(remembered(place(20n, 0))).toEqual(['b', 'c']);
    expect(remembered(place(20n, 1))).toEqual(['c']);
    expect(remembered(place(9n))).toBeNull();
    expect(remembered(place(40n, 0))).toBeNull();
    expect(remembered(place(10n), LIMITS, 'another/2')).toBeNull();
  });

  it('gives whole transactions within the limits', async () => {
    const writer = await openedAt(10n);
    await append(writer, 20n, ['a', 'b']);
    await append(writer, 30n, ['c']);
    expect(remembered(place(10n), { maxRows: 2, maxBytes: 1_000_000 })).toEqual(['a', 'b']);
    expect(remembered(place(10n), { maxRows: 1, maxBytes: 1_000_000 })).toBeNull();
    expect(remembered(place(10n), { maxRows: 100, maxBytes: 1 })).toBeNull();
    expect(remembered(place(20n, 1), { maxRows: 1, maxBytes: 1_000_000 })).toEqual(['c']);
  });

  it('knows nothing of what did not become durable, nor after the writer lost its place', async () => {
    const first = await openedAt(10n);
    stage(first, 20n, [insert('pending', 0)]);
    expect(remembered(place(10n))).toBeNull();
    await first.close();
    await append(await openWriter(), 30n, ['a']);
    expect(remembered(place(10n))).toEqual(['a']);
    await openWriter();
    expect(remembered(place(10n))).toBeNull();
    expect(remembered(place(30n))).toBeNull();
  });

  it('forgets the oldest when it holds enough, and what is too large to be held', async () => {
    const writer = await openedAt(10n);
    const large = 'x'.repeat(6 * 1024 * 1024);
    for (const commitLsn of [20n, 30n, 40n]) {
      stage(writer, commitLsn, [inserted({ key: String(commitLsn), document: `{"id":"${large}"}` }, 0)]);
      await writer.commit([transaction(commitLsn, 1)], at(commitLsn));
    }
    const limits = { maxRows: 1000, maxBytes: 100 * 1024 * 1024 };
    expect(remembered(place(10n), limits)).toBeNull();
    expect(remembered(place(20n), limits)).toEqual(['30', '40']);
    stage(writer, 50n, [inserted({ key: '50', document: `{"id":"${large.repeat(3)}"}` }, 0)]);
    await writer.commit([transaction(50n, 1)], at(50n));
    expect(remembered(place(40n), limits)).toBeNull();
    await append(writer, 60n, ['60']);
    expect(remembered(place(50n), limits)).toEqual(['60']);
  });
});

describe('job_queue', () => {
  it('shows one truthful row per change and data set, with its origin', async () => {
    const writer = await openWriter();
    await append(writer, 10n, ['a', 'b']);
    const journalWriter = new LaneJournalWriter(pool, (error) => {
      throw error;
    });
    const laneId = source.lanes[0]?.id ?? -1;
    const journal = new PgLaneJournal(pool, journalWriter, laneId);
    const position = { commitLsn: 10n as Lsn, seq: 0 };
    journal.applied({ history: HISTORY, position, copy: null }, 1);
    await journalWriter.flush();
    await journal.failed([
      { tableId: tableId('orders'), key: 'b', position: { ...position, seq: 1 }, code: 'X', message: 'm' },
    ]);
    const rows = await query(
      database.url,
      `SELECT data_set, entity_type, entity_id, status, executed_at IS NOT NULL AS executed, job_type,
         data->'origin'->'asserted'->>'service' AS service, data->'after'->>'id' AS id, error_message
       FROM job_queue ORDER BY data_set, seq`,
    );
    const common = { entity_type: 'public.orders', job_type: 'realtime', service: 'BookingAPI' };
    expect(rows).toEqual([
      { ...common, data_set: 'both', entity_id: 'a', id: 'a', status: 'pending', executed: false, error_message: null },
      { ...common, data_set: 'both', entity_id: 'b', id: 'b', status: 'pending', executed: false, error_message: null },
      {
        ...common,
        data_set: 'orders',
        entity_id: 'a',
        id: 'a',
        status: 'completed',
        executed: true,
        error_message: null,
      },
      { ...common, data_set: 'orders', entity_id: 'b', id: 'b', status: 'failed', executed: true, error_message: 'm' },
    ]);
    const ids = await query<{ n: string }>(database.url, 'SELECT count(DISTINCT id) AS n FROM job_queue');
    expect(ids[0]?.n).toBe('4');
  });

  it('stays readable for JSON that jsonb refuses (W22)', async () => {
    const writer = await openWriter();
    const change = inserted({ key: 'a', document: '{"id":"\\u0000 \\ud800"}' }, 0);
    stage(writer, 10n, [change]);
    await writer.commit([transaction(10n, 1)], at(10n));
    const rows = await query<{ data: string }>(database.url, 'SELECT data::text AS data FROM job_queue LIMIT 1');
    expect(rows[0]?.data).toContain('\\u0000 \\ud800');
  });
});

describe('partitions', () => {
  it('are made ahead, used by position, and dropped only after every lane has passed them', async () => {
    await pool.query('SELECT sync.keep_partitions(3, 30)');
    const names = await query(
      database.url,
      `SELECT relname FROM pg_class WHERE relname ~ '^ledger_changes_2' AND relkind = 'r'`,
    );
    expect(names).toHaveLength(3);
    const writer = await openWriter();
    await append(writer, 10n, ['a']);
    await pool.query(`UPDATE sync.ledger_changes SET created_at = '2020-01-01'`);
    await pool.query(`UPDATE sync.ledger_transactions SET created_at = '2020-01-01'`);
    await pool.query('SELECT sync.keep_partitions(3, 30)');
    expect(await query(database.url, 'SELECT 1 FROM sync.ledger_changes')).toHaveLength(1);
    await pool.query(`UPDATE sync.ledger_lanes SET position_lsn = '0/10', position_seq = 0`);
    await pool.query('SELECT sync.keep_partitions(3, 30)');
    expect(await query(database.url, 'SELECT 1 FROM sync.ledger_changes')).toHaveLength(0);
  });
});

describe('restartSource', () => {
  it('files an earlier history away, so that its changes are never applied to the new one', async () => {
    const writer = await openWriter();
    await append(writer, 900n, ['old']);
    const client = new Client(config());
    await client.connect();
    await restartSource(client, 'operations', { history: 'another/2', slot: 's', safeLsn: 50n as Lsn });
    await client.end();
    const page = await readLane('orders', { commitLsn: 50n as Lsn, seq: -1 });
    expect(page.changes).toEqual([]);
    await expect(append(writer, 910n, ['late'])).rejects.toThrow(FencedError);
    expect(await query(database.url, 'SELECT 1 FROM sync.ledger_changes')).toHaveLength(1);
  });
});

it('tells listeners which tables an append touched', async () => {
  const client = new Client(config());
  await client.connect();
  closing.push(() => client.end());
  const heard: string[] = [];
  client.on('notification', ({ payload }) => heard.push(payload ?? ''));
  await client.query('LISTEN sync_ledger');
  await append(await openWriter(), 10n, ['a']);
  await waitFor(() => heard.length > 0, { what: 'the notification' });
  expect(heard).toEqual([String(tableId('orders'))]);
});
