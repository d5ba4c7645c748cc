import type { Lsn, PageLimits, Position } from '@astro/sync-core';
import type { LedgerWriter } from './index.js';
import { HISTORY, LIMITS, LedgerRig, at, keysOf } from './ledger.fixture.js';

let ledger: LedgerRig;

beforeEach(async () => {
  ledger = await LedgerRig.create();
});

afterEach(() => ledger.destroy());

describe('RecentChanges', () => {
  /** What the lane reads without SystemDB; null: it would have to ask. */
  function remembered(position: Position, limits: PageLimits = LIMITS, history = HISTORY) {
    const wanted = { history, position, tableIds: new Set([ledger.tableId('orders')]), withBefore: true };
    const page = ledger.recent.read(wanted, limits);
    return page && keysOf(page.changes);
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
    expect(remembered(place(10n))).toEqual(['a', 'b', 'c']);
    expect(remembered(place(20n, 0))).toEqual(['b', 'c']);
    expect(remembered(place(20n, 1))).toEqual(['c']);
    expect(remembered(place(9n))).toBeNull();
    expect(remembered(place(40n, 0))).toBeNull();
    expect(remembered(place(10n), LIMITS, 'another/2')).toBeNull();
  });

  it('gives whole transactions within the limits', async () => {
    const writer = await openedAt(10n);
    await ledger.append(writer, 20n, ['a', 'b']);
    await ledger.append(writer, 30n, ['c']);
    expect(remembered(place(10n), { maxRows: 2, maxBytes: 1_000_000 })).toEqual(['a', 'b']);
    expect(remembered(place(10n), { maxRows: 1, maxBytes: 1_000_000 })).toBeNull();
    expect(remembered(place(10n), { maxRows: 100, maxBytes: 1 })).toBeNull();
    expect(remembered(place(20n, 1), { maxRows: 1, maxBytes: 1_000_000 })).toEqual(['c']);
    expect(remembered(place(10n), { maxRows: 1, maxAtomicRows: 2, maxBytes: 1_000_000 })).toEqual(['a', 'b']);
    expect(remembered(place(10n), { maxRows: 1, maxAtomicRows: 9, maxBytes: 1_000_000 })).toEqual(['a', 'b']);
    expect(remembered(place(10n), { maxRows: 2, maxAtomicRows: 9, maxBytes: 1_000_000 })).toEqual(['a', 'b']);
  });

  it('knows nothing of what did not become durable, nor after the writer lost its place', async () => {
    const first = await openedAt(10n);
    ledger.stage(first, 20n, [ledger.insert('pending', 0)]);
    expect(remembered(place(10n))).toBeNull();
    await first.close();
    await ledger.append(await ledger.openWriter(), 30n, ['a']);
    expect(remembered(place(10n))).toEqual(['a']);
    await ledger.openWriter();
    expect(remembered(place(10n))).toBeNull();
    expect(remembered(place(30n))).toBeNull();
  });

  it('forgets the oldest when it holds enough, and what is too large to be held', async () => {
    const writer = await openedAt(10n);
    const large = 'x'.repeat(6 * 1024 * 1024);
    for (const commitLsn of [20n, 30n, 40n]) {
      ledger.stage(writer, commitLsn, [ledger.inserted({ key: String(commitLsn), document: `{"id":"${large}"}` }, 0)]);
      await writer.commit([ledger.transaction(commitLsn, 1)], at(commitLsn));
    }
    const limits = { maxRows: 1000, maxBytes: 100 * 1024 * 1024 };
    expect(remembered(place(10n), limits)).toBeNull();
    expect(remembered(place(20n), limits)).toEqual(['30', '40']);
    ledger.stage(writer, 50n, [ledger.inserted({ key: '50', document: `{"id":"${large.repeat(3)}"}` }, 0)]);
    await writer.commit([ledger.transaction(50n, 1)], at(50n));
    expect(remembered(place(40n), limits)).toBeNull();
    await ledger.append(writer, 60n, ['60']);
    expect(remembered(place(50n), limits)).toEqual(['60']);
  });
});
