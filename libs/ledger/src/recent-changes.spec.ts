import type { Lsn, PageLimits, Position } from '@astro/sync-core';
import type { LedgerWriter } from './index.js';
import type { RecentChanges, RecentRead } from './recent-changes.js';
import { HISTORY, LIMITS, LedgerRig, at, keysOf } from './ledger.fixture.js';

let ledger: LedgerRig;

beforeEach(async () => {
  ledger = await LedgerRig.create();
});

afterEach(() => ledger.destroy());

describe('RecentChanges', () => {
  /** What the lane reads without SystemDB; null: it would have to ask. */
  function remembered(position: Position, limits: PageLimits = LIMITS, history = HISTORY) {
    const page = ledger.recent.read(ordersAfter(position, history), limits);
    return page && keysOf(page.changes);
  }

  /** Whether the lane knows without SystemDB that nothing before `until` is left to read. */
  function isReadTo(until: bigint, position: Position, history = HISTORY): boolean {
    return ledger.recent.isReadTo(until as Lsn, ordersAfter(position, history));
  }

  function ordersAfter(position: Position, history: string): RecentRead {
    return { history, position, tableIds: new Set([ledger.tableId('orders')]), withBefore: true };
  }

  async function openedAt(commitLsn: bigint): Promise<LedgerWriter> {
    const writer = await ledger.openWriter();
    await writer.commit([], at(commitLsn));
    return writer;
  }

  const place = (commitLsn: bigint, seq = -1): Position => ({ commitLsn: commitLsn as Lsn, seq });

  it('answers from what this process stored, and only as far as it knows everything', async () => {
    const writer = await openedAt(10n);
    await ledger.append(writer, 20n, ['a', 'b']);
    await ledger.append(writer, 30n, ['items/elsewhere']);
    await ledger.append(writer, 40n, ['c']);
    expect(remembered(place(11n))).toEqual(['a', 'b', 'c']);
    expect(remembered(place(20n, 0))).toEqual(['b', 'c']);
    expect(remembered(place(20n, 1))).toEqual(['c']);
    for (const position of [place(9n), place(10n), place(10n, 3)]) expect(remembered(position)).toBeNull();
    expect(remembered(place(40n, 0))).toBeNull();
    expect(remembered(place(11n), LIMITS, 'another/2')).toBeNull();
  });

  it('gives whole transactions within the limits', async () => {
    const writer = await openedAt(10n);
    await ledger.append(writer, 20n, ['a', 'b']);
    await ledger.append(writer, 30n, ['c']);
    expect(remembered(place(11n), { maxRows: 2, maxBytes: 1_000_000 })).toEqual(['a', 'b']);
    expect(remembered(place(11n), { maxRows: 1, maxBytes: 1_000_000 })).toBeNull();
    expect(remembered(place(11n), { maxRows: 100, maxBytes: 1 })).toBeNull();
    expect(remembered(place(20n, 1), { maxRows: 1, maxBytes: 1_000_000 })).toEqual(['c']);
    expect(remembered(place(11n), { maxRows: 1, maxAtomicRows: 2, maxBytes: 1_000_000 })).toEqual(['a', 'b']);
    expect(remembered(place(11n), { maxRows: 1, maxAtomicRows: 9, maxBytes: 1_000_000 })).toEqual(['a', 'b']);
    expect(remembered(place(11n), { maxRows: 2, maxAtomicRows: 9, maxBytes: 1_000_000 })).toEqual(['a', 'b']);
  });

  it('knows nothing of what did not become durable, nor after the writer lost its place', async () => {
    const first = await openedAt(10n);
    ledger.stage(first, 20n, [ledger.insert('pending', 0)]);
    expect(remembered(place(11n))).toBeNull();
    await first.close();
    await ledger.append(await ledger.openWriter(), 30n, ['a']);
    expect(remembered(place(11n))).toEqual(['a']);
    await ledger.openWriter();
    expect(remembered(place(11n))).toBeNull();
    expect(remembered(place(30n))).toBeNull();
  });

  it('says that a lane has read everything once all is stored and nothing wanted follows', async () => {
    const writer = await ledger.openWriter();
    expect(isReadTo(0n, place(11n))).toBe(false);
    await writer.commit([], at(10n));
    expect(isReadTo(11n, place(11n))).toBe(true);
    expect(isReadTo(12n, place(11n))).toBe(false);
    ledger.stage(writer, 20n, [ledger.insert('a', 0), ledger.insert('b', 1)]);
    await writer.flush();
    expect(isReadTo(21n, place(20n, 1))).toBe(false);
    await writer.commit([ledger.transaction(20n, 2)], at(20n));
    expect(isReadTo(21n, place(11n))).toBe(false);
    expect(isReadTo(21n, place(20n, 0))).toBe(false);
    expect(isReadTo(21n, place(20n, 1))).toBe(true);
    await writer.commit([], at(30n));
    expect(isReadTo(31n, place(20n, 1))).toBe(true);
  });

  it('does not wait for changes of tables that the lane does not read', async () => {
    const writer = await openedAt(10n);
    await ledger.append(writer, 20n, ['items/elsewhere']);
    expect(isReadTo(21n, place(11n))).toBe(true);
    await ledger.append(writer, 30n, ['items/elsewhere', 'a']);
    expect(isReadTo(31n, place(11n))).toBe(false);
    expect(isReadTo(31n, place(30n, 1))).toBe(true);
  });

  it('says nothing of what it does not hold, of another history, nor without its writer', async () => {
    const writer = await openedAt(10n);
    expect(isReadTo(11n, place(9n, 5))).toBe(false);
    expect(isReadTo(11n, place(11n), 'another/2')).toBe(false);
    expect(isReadTo(11n, place(11n))).toBe(true);
    await writer.close();
    expect(isReadTo(11n, place(11n))).toBe(false);
    await ledger.openWriter();
    expect(isReadTo(11n, place(11n))).toBe(true);
    expect(isReadTo(12n, place(11n))).toBe(false);
  });

  it('says it to the lane, by the tables that it reads, unless it was not given to it', async () => {
    const from = { history: HISTORY, position: place(11n) };
    await ledger.append(await openedAt(10n), 20n, ['items/elsewhere']);
    const saysTo = (name: string, recent: RecentChanges | null) =>
      ledger.laneLedger(name, recent).isAppliedTo(21n as Lsn, from);
    expect(saysTo('orders', ledger.recent)).toBe(true);
    expect(saysTo('both', ledger.recent)).toBe(false);
    expect(saysTo('orders', null)).toBe(false);
  });

  it('leaves a lane that stands inside a transaction that is not held to SystemDB (P1)', async () => {
    const writer = await openedAt(10n);
    const rows = Array.from({ length: 7 }, (_none, i) => {
      return ledger.inserted({ key: `${i}`, document: `{"id":"${'x'.repeat(3 * 1024 * 1024)}"}` }, i);
    });
    ledger.stage(writer, 20n, rows);
    await writer.commit([ledger.transaction(20n, rows.length)], at(20n));
    await ledger.append(writer, 30n, ['next']);
    const lane = ledger.laneLedger('orders', ledger.recent);
    const read: string[] = [];
    let position = place(11n);
    for (let pages = 0; pages < 7 && read.at(-1) !== 'next'; pages++) {
      const { changes } = await lane.read({ history: HISTORY, position }, { maxRows: 1000, maxBytes: 4 * 1024 * 1024 });
      read.push(...keysOf(changes));
      position = changes.at(-1) ?? position;
    }
    expect(read).toEqual(['0', '1', '2', '3', '4', '5', '6', 'next']);
    expect(isReadTo(31n, place(20n, 1))).toBe(false);
  });

  it('forgets the oldest when it holds enough, and what is too large to be held', async () => {
    const writer = await openedAt(10n);
    const large = 'x'.repeat(6 * 1024 * 1024);
    for (const commitLsn of [20n, 30n, 40n]) {
      ledger.stage(writer, commitLsn, [ledger.inserted({ key: String(commitLsn), document: `{"id":"${large}"}` }, 0)]);
      await writer.commit([ledger.transaction(commitLsn, 1)], at(commitLsn));
    }
    const limits = { maxRows: 1000, maxBytes: 100 * 1024 * 1024 };
    expect(remembered(place(11n), limits)).toBeNull();
    expect(remembered(place(21n), limits)).toEqual(['30', '40']);
    ledger.stage(writer, 50n, [ledger.inserted({ key: '50', document: `{"id":"${large.repeat(3)}"}` }, 0)]);
    await writer.commit([ledger.transaction(50n, 1)], at(50n));
    expect(remembered(place(41n), limits)).toBeNull();
    expect(isReadTo(51n, place(40n, 0))).toBe(false);
    expect(isReadTo(51n, place(51n))).toBe(true);
    await ledger.append(writer, 60n, ['60']);
    expect(remembered(place(51n), limits)).toEqual(['60']);
  });
});
