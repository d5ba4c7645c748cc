import type { Client } from 'pg';
import { FencedError, OlderCatalogueError, type Lsn } from '@astro/sync-core';
import { waitFor } from '@astro/testing';
import { HISTORY, LIMITS, LedgerRig, START, at, keysOf, lane } from './ledger.fixture.js';
import { LaneJournalWriter, PgLaneJournal, registerSource, restartSource, type LaneDefinition } from './index.js';

let ledger: LedgerRig;

beforeEach(async () => {
  ledger = await LedgerRig.create();
});

afterEach(() => ledger.destroy());

describe('PgLaneLedger', () => {
  it('reads only its own tables, merged in commit order', async () => {
    const writer = await ledger.openWriter();
    await ledger.append(writer, 10n, ['o1']);
    await ledger.append(writer, 20n, ['items/i1', 'items/i2']);
    await ledger.append(writer, 30n, ['o2']);
    expect(keysOf((await ledger.readLane('both')).changes)).toEqual(['o1', 'i1', 'i2', 'o2']);
    expect(keysOf((await ledger.readLane('orders')).changes)).toEqual(['o1', 'o2']);
    const after = { commitLsn: 20n as Lsn, seq: 0 };
    expect(keysOf((await ledger.readLane('both', after)).changes)).toEqual(['i2', 'o2']);
  });

  it.each([
    ['the page ends between two transactions', { maxRows: 2, maxBytes: 1_000_000 }, ['a1', 'a2'], false],
    ['the page would end inside the second', { maxRows: 4, maxBytes: 1_000_000 }, ['a1', 'a2'], false],
    ['the page takes both', { maxRows: 5, maxBytes: 1_000_000 }, ['a1', 'a2', 'b1', 'b2', 'b3'], false],
    ['the first alone is larger than the page', { maxRows: 1, maxBytes: 1_000_000 }, ['a1'], true],
    ['one row alone is larger than the bytes', { maxRows: 100, maxBytes: 1 }, ['a1'], true],
    ['the first may be larger', { maxRows: 1, maxAtomicRows: 2, maxBytes: 1_000_000 }, ['a1', 'a2'], false],
    ['the first may be larger, yet comes alone', { maxRows: 1, maxAtomicRows: 5, maxBytes: 1e6 }, ['a1', 'a2'], false],
    ['the first is too large and much follows', { maxRows: 1, maxAtomicRows: 1, maxBytes: 1e6 }, ['a1'], true],
    ['many rows may come, but few bytes', { maxRows: 1, maxAtomicRows: 5, maxBytes: 1 }, ['a1'], true],
  ])('whole transactions: %s', async (_name, limits, expected, partial) => {
    const writer = await ledger.openWriter();
    await ledger.append(writer, 10n, ['a1', 'a2']);
    await ledger.append(writer, 20n, ['b1', 'b2', 'b3']);
    const page = await ledger.readLane('orders', START, limits);
    expect(keysOf(page.changes)).toEqual(expected);
    expect(page.partial).toBe(partial);
  });

  it.each([
    ['a transaction is cut where it may be, and its rest is whole', { maxRows: 2, maxAtomicRows: 3, maxBytes: 1e6 }, 3],
    ['a transaction whose last row is the one too large', { maxRows: 9, maxBytes: 1 }, 1],
  ])('has an end for every transaction: %s', async (_name, limits, rowsAtOnce) => {
    await ledger.append(await ledger.openWriter(), 10n, ['a1', 'a2', 'a3', 'a4', 'a5']);
    for (let seq = 0; seq < 5; seq += rowsAtOnce) {
      const page = await ledger.readLane('orders', { commitLsn: 10n as Lsn, seq: seq - 1 }, limits);
      expect(page.changes).toHaveLength(Math.min(rowsAtOnce, 5 - seq));
      expect(page.partial).toBe(seq + rowsAtOnce < 5);
    }
  });
});

describe('job_queue', () => {
  it('shows one truthful row per change and data set, with its origin', async () => {
    const writer = await ledger.openWriter();
    await ledger.append(writer, 10n, ['a', 'b']);
    const journalWriter = new LaneJournalWriter(ledger.pool, (error) => {
      throw error;
    });
    const laneId = ledger.source.lanes[0]?.id ?? -1;
    const journal = new PgLaneJournal(ledger.pool, journalWriter, laneId);
    const position = { commitLsn: 10n as Lsn, seq: 0 };
    journal.applied({ history: HISTORY, position, copy: null, moves: 1 }, 1);
    await journalWriter.flush();
    await journal.failed([
      { tableId: ledger.tableId('orders'), key: 'b', position: { ...position, seq: 1 }, code: 'X', message: 'm' },
    ]);
    const rows =
      await ledger.query(`SELECT data_set, entity_type, entity_id, status, executed_at IS NOT NULL AS executed, job_type,
         data->'origin'->'asserted'->>'service' AS service, data->'after'->>'id' AS id, error_message
       FROM job_queue ORDER BY data_set, seq`);
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
    const ids = await ledger.query<{ n: string }>('SELECT count(DISTINCT id) AS n FROM job_queue');
    expect(ids[0]?.n).toBe('4');
  });

  it('stays readable for JSON that jsonb refuses (W22)', async () => {
    const writer = await ledger.openWriter();
    const change = ledger.inserted({ key: 'a', document: '{"id":"\\u0000 \\ud800"}' }, 0);
    ledger.stage(writer, 10n, [change]);
    await writer.commit([ledger.transaction(10n, 1)], at(10n));
    const rows = await ledger.query<{ data: string }>('SELECT data::text AS data FROM job_queue LIMIT 1');
    expect(rows[0]?.data).toContain('\\u0000 \\ud800');
  });
});

describe('partitions', () => {
  it('are made ahead, used by position, and dropped only after every lane has passed them', async () => {
    await ledger.pool.query('SELECT sync.keep_partitions(3, 30)');
    const names = await ledger.query(
      `SELECT relname FROM pg_class WHERE relname ~ '^ledger_changes_2' AND relkind = 'r'`,
    );
    expect(names).toHaveLength(3);
    const writer = await ledger.openWriter();
    await ledger.append(writer, 10n, ['a']);
    await ledger.pool.query(`UPDATE sync.ledger_changes SET created_at = '2020-01-01'`);
    await ledger.pool.query(`UPDATE sync.ledger_transactions SET created_at = '2020-01-01'`);
    await ledger.pool.query('SELECT sync.keep_partitions(3, 30)');
    expect(await ledger.query('SELECT 1 FROM sync.ledger_changes')).toHaveLength(1);
    await ledger.pool.query(`UPDATE sync.ledger_lanes SET position_lsn = '0/10', position_seq = 0`);
    await ledger.pool.query('SELECT sync.keep_partitions(3, 30)');
    expect(await ledger.query('SELECT 1 FROM sync.ledger_changes')).toHaveLength(0);
  });
});

it('lets a lane find what was stored anew after a crash of SystemDB, under an earlier time', async () => {
  const writer = await ledger.openWriter();
  await ledger.append(writer, 10n, ['a']);
  const orders = ledger.laneLedger('orders', null);
  const place = { history: HISTORY, position: { commitLsn: 10n as Lsn, seq: 0 } };
  expect((await orders.read(place, LIMITS)).changes).toEqual([]); // and it has noted when that was
  await ledger.append(writer, 20n, ['b']);
  for (const table of ['ledger_changes', 'ledger_transactions']) {
    await ledger.query(`UPDATE sync.${table} SET created_at = created_at - interval '30 minutes'`);
  }
  expect(keysOf((await orders.read(place, LIMITS)).changes)).toEqual(['b']);
});

describe('restartSource', () => {
  it('files an earlier history away, so that its changes are never applied to the new one', async () => {
    const writer = await ledger.openWriter();
    await ledger.append(writer, 900n, ['old']);
    const client = await ledger.client();
    await restartSource(client, 'operations', { history: 'another/2', slot: 's', safeLsn: 50n as Lsn });
    const page = await ledger.readLane('orders', { commitLsn: 50n as Lsn, seq: -1 });
    expect(page.changes).toEqual([]);
    await expect(ledger.append(writer, 910n, ['late'])).rejects.toThrow(FencedError);
    expect(await ledger.query('SELECT 1 FROM sync.ledger_changes')).toHaveLength(1);
  });

  it('files a future away that a source which was put back never had, also when it happens twice', async () => {
    const client = await ledger.client();
    for (const key of ['lost', 'lost again']) {
      const writer = await ledger.openWriter();
      await ledger.append(writer, 40n, [`kept ${key}`]);
      await ledger.append(writer, 60n, [key]);
      await restartSource(client, 'operations', { history: HISTORY, slot: 's', safeLsn: 50n as Lsn });
      await ledger.openWriter();
      expect((await ledger.readLane('orders', { commitLsn: 50n as Lsn, seq: -1 })).changes).toEqual([]);
    }
    expect(await ledger.query('SELECT 1 FROM sync.ledger_changes')).toHaveLength(4);
    expect(await ledger.query('SELECT 1 FROM sync.sources')).toHaveLength(3);
  });

  it('keeps what it holds in its place when the source only goes on', async () => {
    await ledger.append(await ledger.openWriter(), 40n, ['kept']);
    await restartSource(await ledger.client(), 'operations', { history: HISTORY, slot: 's', safeLsn: 50n as Lsn });
    expect(keysOf((await ledger.readLane('orders')).changes)).toEqual(['kept']);
  });
});

describe('registerSource', () => {
  it('fences out a writer that does not know every table, and lets it in again when no lane reads the table', async () => {
    const client = await ledger.client();
    const writer = await ledger.openWriter();
    await ledger.append(writer, 10n, ['a']);
    const register = (...lanes: LaneDefinition[]) => registerSource(client, 'operations', lanes);
    const known = [lane('orders', 'orders'), lane('both', 'orders', 'items')];
    const { tables } = await register(...known, lane('more', 'more'));
    await expect(ledger.append(writer, 20n, ['lost'])).rejects.toThrow(FencedError);
    const late = writer.open(ledger.source.tables);
    await expect(late).rejects.toThrow(OlderCatalogueError);
    await expect(late).rejects.toThrow(/older catalogue, without public\.more;/);
    const newer = await ledger.openWriter(tables);
    await expect(writer.open(ledger.source.tables)).rejects.toThrow(OlderCatalogueError);
    await ledger.append(newer, 20n, ['b']);
    await register(...known, lane('more', 'more'));
    await ledger.append(newer, 30n, ['c']);
    await register(...known);
    await writer.open(ledger.source.tables);
    await ledger.append(writer, 40n, ['d']);
    expect(keysOf((await ledger.readLane('orders')).changes)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('asks a lane to copy that was away, and no other', async () => {
    const client = await ledger.client();
    const requested = () =>
      ledger.query(`SELECT name, active FROM sync.ledger_lanes WHERE copy_requested ORDER BY name`);
    const known = [lane('orders', 'orders'), lane('both', 'orders', 'items')];
    await client.query(`UPDATE sync.ledger_lanes SET copy_requested = false;
      UPDATE sync.ledger_tables SET published = 'as it was'`);
    await registerSource(client, 'operations', known);
    await registerSource(client, 'operations', known.slice(0, 1));
    expect(await requested()).toEqual([]);
    await registerSource(client, 'operations', known);
    expect(await requested()).toEqual([{ name: 'both', active: true }]);
    const published = await ledger.query('SELECT table_name, published FROM sync.ledger_tables ORDER BY table_name');
    expect(published).toEqual([
      { table_name: 'items', published: null },
      { table_name: 'orders', published: 'as it was' },
    ]);
    await registerSource(client, 'operations', known);
    expect(await requested()).toHaveLength(1);
  });

  describe('of a table that was altered while nobody looked', () => {
    let client: Client;
    /** The lane `orders` takes all columns, `both` only the key. */
    const register = (...columns: string[]) => {
      const table = { ...lane('orders', 'orders').tables[0]!, columns: columns.map((name) => ({ name, typeOid: 25 })) };
      return registerSource(client, 'operations', [
        { ...lane('orders'), tables: [table] },
        { ...lane('both'), tables: [{ ...table, carried: ['id'] }] },
      ]);
    };
    const lanes = () =>
      ledger.query('SELECT name, state, copy_requested, reason FROM sync.ledger_lanes WHERE active ORDER BY name DESC');
    const [asked, notAsked] = [{ copy_requested: true }, { copy_requested: false }];

    beforeEach(async () => {
      client = await ledger.client();
      await register('id', 'name', 'spare');
      await client.query(`UPDATE sync.ledger_lanes SET copy_requested = false, state = 'streaming'`);
    });

    it('stops the lanes that lose a column by it, and lets the others copy', async () => {
      await register('id', 'name', 'added');
      const reason = expect.stringMatching(
        /^public\.orders no longer has the column "spare", which this data set carries/,
      );
      const stopped = { name: 'orders', state: 'needs_resync', ...notAsked, reason };
      expect(await lanes()).toMatchObject([stopped, { name: 'both', state: 'streaming', ...asked }]);
      await register('id', 'name', 'added');
      await register('id', 'name', 'spare');
      expect(await lanes()).toMatchObject([stopped, { name: 'both', state: 'streaming', ...asked }]);
    });

    it('asks no lane to copy that waits for a person, and keeps what the person asked for', async () => {
      await client.query(`UPDATE sync.ledger_lanes SET state = 'needs_resync', reason = 'for another reason'`);
      await register('id', 'name', 'spare', 'added');
      expect(await lanes()).toMatchObject([notAsked, notAsked]);
      await client.query(`UPDATE sync.ledger_lanes SET state = 'streaming'`);
      await register('id', 'name', 'added');
      await client.query(
        `UPDATE sync.ledger_tables SET columns = '[{"name":"id","typeOid":25},{"name":"spare","typeOid":25}]'`,
      );
      await client.query(`UPDATE sync.ledger_lanes SET copy_requested = true`);
      await register('id', 'name', 'added');
      expect(await lanes()).toMatchObject([
        { state: 'needs_resync', ...asked },
        { state: 'streaming', ...asked },
      ]);
    });
  });
});

it('tells listeners which tables an append touched', async () => {
  const client = await ledger.client();
  const heard: string[] = [];
  client.on('notification', ({ payload }) => heard.push(payload ?? ''));
  await client.query('LISTEN sync_ledger');
  await ledger.append(await ledger.openWriter(), 10n, ['a']);
  await waitFor(() => heard.length > 0, { what: 'the notification' });
  expect(heard).toEqual([String(ledger.tableId('orders'))]);
});
