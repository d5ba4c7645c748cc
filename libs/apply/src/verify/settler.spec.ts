import {
  formatLaneState,
  type LaneChange,
  type LaneLedger,
  type LanePlace,
  type Lsn,
  type StoredLaneState,
} from '@astro/sync-core';
import { PendingKeys } from './pending-keys.js';
import { Settler, type SettlerOptions } from './settler.js';
import type { Finding, SourceSide } from './sides.js';

const TABLE = 1;
const MARK = 1_000_000_000n as Lsn;
const STATE: StoredLaneState = { history: 'h', moves: 1, position: { commitLsn: 5n as Lsn, seq: 0 }, copy: null };
const { signal } = new AbortController();

function change(at: number, key: string): LaneChange {
  const row = { seq: 0, xid: at, tableId: TABLE, op: 'update', oldKey: null, unchanged: null } as const;
  return { ...row, commitLsn: BigInt(10 + at) as Lsn, key, after: null, before: null };
}

/** So many changes of as many keys: `p0`, `p1`, … */
function pending(count: number): LaneChange[] {
  return Array.from({ length: count }, (_none, at) => change(at, `p${at}`));
}

/** A ledger that counts the changes it is read. */
function ledgerOf(changes: readonly LaneChange[]) {
  const counted = { read: 0 };
  const read = ({ position }: LanePlace, { maxRows }: { readonly maxRows: number }) => {
    const start = Math.max(0, Number(position.commitLsn) - 9);
    const page = changes.slice(start, start + maxRows);
    counted.read += page.length;
    return Promise.resolve({ changes: page, partial: false });
  };
  return { counted, read };
}

const keysOf = (_table: number, changes: readonly LaneChange[]) => Promise.resolve(new Set(changes.map((c) => c.key)));

/** A lane that nothing moves, and targets of which every key differs. */
function settlerOf(
  changes: readonly LaneChange[],
  touched: SourceSide['touched'] = keysOf,
  ledger: Partial<LaneLedger> = {},
): Settler {
  const different: Finding = { kind: 'different', fields: [] };
  const parts = {
    ledger: { ...ledgerOf(changes), recentXids: async () => [], capturedTo: async () => MARK, ...ledger },
    journal: { openFailures: async () => [] },
    source: {
      documents: async (_table: number, keys: readonly string[]) => new Map(keys.map((key) => [key, '{}'])),
      watermark: async () => MARK,
      touched,
    },
    target: {
      readState: async () => formatLaneState(STATE),
      compare: async (_table: number, documents: ReadonlyMap<string, string | null>) =>
        new Map([...documents.keys()].map((key) => [key, different])),
    },
    ...{ wake: () => undefined, patienceMs: 1000, lanePatienceMs: 0 },
  };
  return new Settler(parts as unknown as SettlerOptions);
}

describe('Settler', () => {
  it.each([10, 130_000])('tells what differs from what waits while %d changes wait for the schedule', async (count) => {
    const settler = settlerOf(pending(count));
    for (const key of ['p3', `p${count - 1}`]) {
      const outcomes = await settler.settle(TABLE, ['unchanged', key], signal);
      expect(outcomes.get('unchanged')).toMatchObject({ kind: 'different' });
      expect(outcomes.get(key)).toEqual({ kind: 'not_checked', reason: 'pending' });
    }
  });

  it('calls everything pending behind a change that may touch any row', async () => {
    const truncate = { ...change(0, ''), op: 'truncate' } as const;
    const outcomes = await settlerOf([truncate], async () => 'all').settle(TABLE, ['unchanged'], signal);
    expect(outcomes.get('unchanged')).toEqual({ kind: 'not_checked', reason: 'pending' });
  });

  it('asks for the ids of transactions only when the ledger holds what the target holds (W10)', async () => {
    let captured = STATE.position.commitLsn; // the target's last transaction is lost
    const asked: Lsn[] = [];
    const ledger: Partial<LaneLedger> = {
      capturedTo: async () => {
        const before = captured;
        captured = MARK;
        return before;
      },
      recentXids: async () => {
        asked.push(captured);
        return [];
      },
    };
    const outcomes = await settlerOf([], keysOf, ledger).settle(TABLE, ['other'], signal);
    expect(outcomes.get('other')).toMatchObject({ kind: 'different' });
    expect(asked).toEqual([MARK]);
  });
});

describe('PendingKeys', () => {
  const ask = (keys: PendingKeys, ...wanted: string[]) =>
    keys.touched({
      ...{ tableId: TABLE, keys: new Set(wanted), state: STATE, maxPages: Infinity, signal },
      visible: { recentXids: new Set() } as never,
    });

  it('reads each change once while the lane stands', async () => {
    const changes = pending(20_000);
    const ledger = ledgerOf(changes);
    const keys = new PendingKeys({ ledger, source: { touched: keysOf } });
    expect(await ask(keys, 'p1', 'p19999', 'other')).toEqual(new Set(['p1', 'p19999']));
    changes.push(change(20_000, 'late'));
    expect(await ask(keys, 'p2', 'late', 'other')).toEqual(new Set(['p2', 'late']));
    expect(ledger.counted.read).toBe(20_001);
  });

  it('answers the same with little memory', async () => {
    const source = { touched: keysOf };
    const keys = new PendingKeys({ ledger: ledgerOf(pending(20_000)), source, maxKeptBytes: 300_000 });
    const answers = [await ask(keys, 'p1', 'p4001', 'p19999', 'other'), await ask(keys, 'p2', 'p19998', 'other')];
    expect(answers).toEqual([new Set(['p1', 'p4001', 'p19999']), new Set(['p2', 'p19998'])]);
  });
});
