import type { CaptureLedger, CapturePosition, EncodedChanges, LedgerTransaction, Lsn } from '@astro/sync-core';
import { waitFor } from '@astro/testing';
import type { TransactionPart } from './assembler.js';
import { Flow } from './flow.js';

const START: CapturePosition = { history: 'h/1', slot: 's', commitLsn: 0n as Lsn, safeLsn: 0n as Lsn };
const FULL_BYTES = 100;

/** What reached the ledger in one go: parts as `20` or, without the end of their transaction, `20…`. */
interface Append {
  readonly kind: 'flush' | 'commit';
  readonly parts: readonly string[];
  readonly transactions: readonly bigint[];
  readonly safeLsn: bigint | null;
}

/** Notes what it is given, in the order of time. */
class NotedLedger {
  readonly appends: Append[] = [];
  /** Appends wait for it. */
  gate: Promise<void> = Promise.resolve();
  private parts: string[] = [];
  private bytes = 0;

  /** Parts by their memory, which each has of its own here. */
  constructor(private readonly names: ReadonlyMap<Buffer, string>) {}

  get isFull(): boolean {
    return this.bytes >= FULL_BYTES;
  }

  stage({ memory, start, end }: EncodedChanges): void {
    this.parts.push(this.names.get(memory) ?? '?');
    this.bytes += end - start;
  }

  async flush(): Promise<void> {
    await this.append('flush', [], null);
  }

  async commit(transactions: readonly LedgerTransaction[], { safeLsn }: CapturePosition): Promise<void> {
    await this.append('commit', transactions, safeLsn);
  }

  stageColumns(): void {}
  stageFault(): void {}

  private async append(kind: Append['kind'], transactions: readonly LedgerTransaction[], safeLsn: bigint | null) {
    const { parts } = this;
    this.parts = [];
    this.bytes = 0;
    await this.gate;
    this.appends.push({ kind, parts, transactions: transactions.map(({ commitLsn }) => commitLsn), safeLsn });
  }
}

interface FlowParts {
  readonly maxWaitingBytes?: number;
  /** What the source has when it may send again. */
  readonly arriving?: readonly string[];
}

/** A flow into a ledger that notes; parts are written as `20`, `20…` for one that goes on, or with their bytes: `20:70`. */
function flowOf({ maxWaitingBytes = 1_000_000, arriving = [] }: FlowParts = {}) {
  const names = new Map<Buffer, string>();
  const ledger = new NotedLedger(names);
  const pressure: boolean[] = [];
  const errors: unknown[] = [];
  const flow = new Flow({
    ledger: ledger as unknown as CaptureLedger,
    position: START,
    verified: Promise.resolve(),
    onStored: () => undefined,
    onError: (error) => errors.push(error),
    onPressure: (held) => {
      pressure.push(held);
      if (!held) setImmediate(() => arriving.forEach(accept));
    },
    maxWaitingBytes,
  });
  const accept = (text: string): void => flow.accept(partOf(text, names));
  return { flow, ledger, pressure, errors, accept };
}

function partOf(text: string, names: Map<Buffer, string>): TransactionPart {
  const [name = '', bytes = '10'] = text.split(':');
  const commitLsn = BigInt(name.replace('…', '')) as Lsn;
  const memory = Buffer.alloc(Number(bytes));
  names.set(memory, name);
  const origin = { asserted: {}, observed: {} };
  const transaction = { commitLsn, xid: 1, committedAtUs: 0n, changeCount: 1, origin, createdAt: '' };
  return {
    commitLsn,
    changes: { commitLsn, memory, start: 0, end: memory.length, tableIds: [1] },
    columns: new Map(),
    faults: new Map(),
    end: name.endsWith('…') ? null : { transaction, endLsn: (commitLsn + 1n) as Lsn },
  };
}

const partsOf = (appends: readonly Append[]) => appends.flatMap(({ parts }) => parts);

it.each([
  ['small transactions together', ['10', '20', '30'], ['commit 10 20 30']],
  ['what is complete before a part of a larger one', ['10', '20…', '20'], ['commit 10', 'commit 20… 20']],
  ['the end of a larger one with what follows', ['20…:100', '20', '30'], ['flush 20…', 'commit 20 30']],
  ['parts of one transaction together', ['20…', '20…', '20…:90', '20'], ['flush 20… 20… 20…', 'commit 20']],
  ['two larger ones apart', ['20…', '20', '30…', '30'], ['commit 20… 20', 'commit 30… 30']],
  ['no more than the ledger takes at once', ['10:60', '20:60', '30:60'], ['commit 10 20', 'commit 30']],
  ['one that alone is more than the ledger takes', ['10:500', '20'], ['commit 10', 'commit 20']],
])('stores %s', async (_name, parts, expected) => {
  const { flow, ledger, errors, accept } = flowOf();
  parts.forEach(accept);
  await waitFor(() => partsOf(ledger.appends).length === parts.length, { what: 'all parts to be stored' });
  await flow.stop();
  expect(ledger.appends.map(({ kind, parts: stored }) => [kind, ...stored].join(' '))).toEqual(expected);
  expect(errors).toEqual([]);
});

it('never commits a part of a transaction, whatever comes in which order', async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { flow, ledger, accept } = flowOf();
    const parts = someParts(seed);
    for (const [i, part] of parts.entries()) {
      accept(part);
      if (i % 7 === seed % 7) await new Promise((resolve) => setImmediate(resolve)); // appends begin in between
    }
    await waitFor(() => partsOf(ledger.appends).length === parts.length, { what: 'all parts to be stored' });
    await flow.stop();
    expect(partsOf(ledger.appends)).toEqual(parts.map((part) => part.split(':')[0]));
    let sent: string[] = [];
    for (const { kind, parts: stored, transactions, safeLsn } of ledger.appends) {
      sent.push(...stored);
      if (kind === 'flush') continue;
      const ended = sent.filter((part) => !part.endsWith('…'));
      expect(sent.at(-1)).toBe(ended.at(-1)); // nothing of the next one
      expect(transactions.map(String)).toEqual(ended);
      expect(safeLsn).toBe(BigInt(ended.at(-1) ?? 0) + 1n);
      sent = [];
    }
    expect(sent).toEqual([]);
  }
});

/** Transactions of one to five parts of 1 to 150 bytes; the same for the same seed. */
function someParts(seed: number): string[] {
  let state = seed;
  const below = (limit: number) => (state = (state * 48_271) % 2_147_483_647) % limit;
  return Array.from({ length: 30 }, (_none, i) =>
    Array.from({ length: 1 + (below(3) === 0 ? below(5) : 0) }, () => `${i + 1}…:${1 + below(150)}`),
  ).flatMap((parts) => parts.map((part, i) => (i === parts.length - 1 ? part.replace('…', '') : part)));
}

it('holds the source back while too much waits, and lets it go on when half of it is stored', async () => {
  const { flow, ledger, pressure, accept } = flowOf({ maxWaitingBytes: 5000 });
  let open: () => void = () => undefined;
  ledger.gate = new Promise((resolve) => (open = resolve));
  accept('10');
  for (let i = 2; i <= 9; i++) accept(`${i}0:500`);
  expect(pressure).toEqual([true]);
  open();
  await waitFor(() => partsOf(ledger.appends).length === 9, { what: 'all parts to be stored' });
  await flow.stop();
  expect(pressure).toEqual(pressure.map((_held, i) => i % 2 === 0)); // never twice the same
  expect(pressure.at(-1)).toBe(false);
});

describe('between appends of little', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick'] }));
  afterEach(() => jest.useRealTimers());

  it.each([
    ['four milliseconds', 2, 4],
    ['as many milliseconds as transactions came', 8, 8],
    ['at most ten for that', 40, 10],
  ])('does not look at the source for %s', async (_text, transactions, waitMs) => {
    const { flow, ledger, pressure, accept } = flowOf();
    for (let i = 1; i <= transactions; i++) accept(`${i}:1`);
    await jest.advanceTimersByTimeAsync(0);
    expect(partsOf(ledger.appends)).toHaveLength(transactions);

    accept('100');
    await jest.advanceTimersByTimeAsync(waitMs - 1);
    expect(pressure).toEqual([true]);
    expect(partsOf(ledger.appends)).toHaveLength(transactions);

    await jest.advanceTimersByTimeAsync(2);
    expect(pressure).toEqual([true, false]);
    expect(partsOf(ledger.appends)).toHaveLength(transactions + 1);
    await flow.stop();
  });

  it('reads the source once more before it appends', async () => {
    const { ledger, accept } = flowOf({ arriving: ['30', '40'] });
    accept('10');
    await jest.advanceTimersByTimeAsync(0);
    accept('20');
    await jest.advanceTimersByTimeAsync(6);
    expect(ledger.appends[1]?.parts).toEqual(['20', '30', '40']);
  });

  it('does not let the source go on that sent too much before it held back', async () => {
    const { flow, ledger, pressure, accept } = flowOf({ maxWaitingBytes: 2000 });
    let open: () => void = () => undefined;
    accept('10');
    await jest.advanceTimersByTimeAsync(0);
    accept('20');
    await jest.advanceTimersByTimeAsync(1);
    accept('30:3000');
    accept('40:3000'); // more than the ledger takes with the others at once
    ledger.gate = new Promise((resolve) => (open = resolve));
    await jest.advanceTimersByTimeAsync(6);
    expect(pressure).not.toContain(false);
    open();
    await jest.advanceTimersByTimeAsync(1);
    expect(pressure.at(-1)).toBe(false);
    await flow.stop();
  });

  it('appends nothing more once it is stopped', async () => {
    const { flow, ledger, pressure, accept } = flowOf();
    accept('10');
    await jest.advanceTimersByTimeAsync(0);
    accept('20');
    await jest.advanceTimersByTimeAsync(1);
    const stopped = flow.stop();
    await jest.advanceTimersByTimeAsync(25);
    await stopped;
    expect(partsOf(ledger.appends)).toEqual(['10']);
    expect(pressure).toEqual([true, false]);
  });
});

it('stores an idle position only when everything before it is stored', async () => {
  const { flow, ledger, accept } = flowOf();
  let open: () => void = () => undefined;
  ledger.gate = new Promise((resolve) => (open = resolve));
  accept('10');
  flow.idleAt(90n as Lsn); // refused: something waits
  open();
  await waitFor(() => ledger.appends.length === 1, { what: 'the append' });
  flow.idleAt(95n as Lsn);
  await waitFor(() => ledger.appends.length === 2, { what: 'the idle position' });
  expect(ledger.appends.map(({ safeLsn }) => safeLsn)).toEqual([11n, 95n]);
  await flow.stop();
});
