import { FencedError, LedgerUnavailableError, type Lsn } from '@astro/sync-core';
import { waitFor } from '@astro/testing';
import { HISTORY, LedgerRig, at, keysOf } from './ledger.fixture.js';
import { restartSource } from './index.js';

let ledger: LedgerRig;

beforeEach(async () => {
  ledger = await LedgerRig.create();
});

afterEach(() => ledger.destroy());

describe('LedgerWriter', () => {
  it('stores what was staged together with the position, and nothing before the commit', async () => {
    const writer = await ledger.openWriter();
    ledger.stage(writer, 10n, [ledger.insert('a', 0)]);
    expect(await ledger.query('SELECT 1 FROM sync.ledger_changes')).toHaveLength(0);
    await writer.commit([ledger.transaction(10n, 1)], at(10n));
    expect(keysOf((await ledger.readLane('orders')).changes)).toEqual(['a']);
    expect((await ledger.openWriter().then((next) => next.open(ledger.source.tables))).position).toEqual(at(10n));
  });

  it('keeps every byte of keys and images', async () => {
    const odd = 'tab\t newline\n back\\slash "quote" 🚀 \\N';
    const writer = await ledger.openWriter();
    await ledger.append(writer, 10n, [odd]);
    const [change] = (await ledger.readLane('orders')).changes;
    expect(change?.key).toBe(odd);
    expect(change?.after).toBe(`{"id":${JSON.stringify(odd)}}`);
  });

  it('keeps every byte of an origin', async () => {
    const odd = 'tab\t newline\n back\\slash "quote" \'single\' 🚀 \\N';
    const writer = await ledger.openWriter();
    ledger.stage(writer, 10n, [ledger.insert('a', 0)]);
    await writer.commit([ledger.transaction(10n, 1, odd)], at(10n));
    expect(await ledger.query('SELECT service FROM sync.ledger_transactions')).toEqual([{ service: odd }]);
  });

  it('leaves the connection alone that was opened after an append which fails late', async () => {
    const writer = await ledger.openWriter();
    const other = await ledger.client();
    await other.query('BEGIN; LOCK TABLE sync.ledger_tables IN SHARE MODE');
    writer.stageColumns(ledger.tableId('orders'), [{ name: 'id', typeOid: 23 }]);
    const late = expect(writer.commit([], at(10n))).rejects.toThrow(LedgerUnavailableError);
    const waiting = () =>
      other.query(
        'SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())',
      );
    await waitFor(async () => (await waiting()).rowCount === 1, { what: 'the append to wait for the lock' });
    await writer.open(ledger.source.tables);
    await late;
    await other.query('ROLLBACK');
    await ledger.append(writer, 20n, ['a']);
    expect(keysOf((await ledger.readLane('orders')).changes)).toEqual(['a']);
  });

  it('lets a second writer fence out the first, which then stores nothing', async () => {
    const first = await ledger.openWriter();
    await ledger.append(first, 10n, ['a']);
    const second = await ledger.openWriter();
    await expect(ledger.append(first, 20n, ['lost'])).rejects.toThrow(FencedError);
    await ledger.append(second, 20n, ['b']);
    expect(keysOf((await ledger.readLane('orders')).changes)).toEqual(['a', 'b']);
  });

  it('keeps the order of time when the next writer has a clock that is behind', async () => {
    await ledger.append(await ledger.openWriter(), 10n, ['a']);
    await ledger.pool.query(`UPDATE sync.ledger_changes SET created_at = now() + interval '1 hour'`);
    await ledger.pool.query(
      `UPDATE sync.ledger_transactions SET created_at = (SELECT created_at FROM sync.ledger_changes)`,
    );
    await ledger.append(await ledger.openWriter(), 20n, ['b']);
    expect(keysOf((await ledger.readLane('orders', { commitLsn: 10n as Lsn, seq: 0 })).changes)).toEqual(['b']);
  });

  it('asks SystemDB to wait for its disk as it is told, whatever its settings say (P2)', async () => {
    await ledger.pool.query(`
      CREATE TABLE public.noted (setting text);
      CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO public.noted VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
      CREATE TRIGGER note AFTER UPDATE ON sync.sources EXECUTE FUNCTION public.note();
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$`);
    const writer = await ledger.openWriter();
    await ledger.append(writer, 10n, ['a']);
    await writer.commit([], at(20n), 'visible');
    await writer.commit([], at(30n), 'durable');
    await writer.markGap('the next thing that must not be lost');
    const noted = await ledger.query<{ setting: string }>('SELECT setting FROM public.noted');
    expect(noted.map(({ setting }) => setting)).toEqual(['on', 'on', 'off', 'on', 'on']); // the first one opened
  });

  it('marks every lane and stores nothing while there is a gap, until the source begins anew (P6)', async () => {
    const writer = await ledger.openWriter();
    await writer.markGap('the slot is gone');
    const rows = await ledger.query('SELECT DISTINCT state, reason FROM sync.ledger_lanes');
    expect(rows).toEqual([{ state: 'needs_resync', reason: 'the slot is gone' }]);
    await expect(ledger.append(writer, 20n, ['lost'])).rejects.toThrow(FencedError);
    const next = await ledger.openWriter();
    expect((await next.open(ledger.source.tables)).gap).toBe('the slot is gone');
    const client = await ledger.client();
    await restartSource(client, 'operations', { history: HISTORY, slot: 's', safeLsn: 30n as Lsn });
    expect((await next.open(ledger.source.tables)).gap).toBeNull();
    await ledger.append(next, 40n, ['b']);
  });

  it('stores nothing of an append whose connection was cut, and says that the ledger is unavailable', async () => {
    const writer = await ledger.openWriter();
    ledger.stage(writer, 10n, [ledger.insert('a', 0)]);
    await ledger.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ledger-spec' AND datname = current_database()`,
    );
    await expect(writer.commit([ledger.transaction(10n, 1)], at(10n))).rejects.toThrow(LedgerUnavailableError);
    expect((await writer.open(ledger.source.tables)).position).toBeNull();
    expect(await ledger.query('SELECT 1 FROM sync.ledger_changes')).toHaveLength(0);
  });
});
