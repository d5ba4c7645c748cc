import type {
  CaptureLedger,
  CapturePosition,
  CommitWait,
  EncodedChanges,
  LedgerTransaction,
  Lsn,
} from '@astro/sync-core';
import { waitFor } from '@astro/testing';
import type { TransactionPart } from './assembler.js';
import { Flow } from './flow.js';

const START: CapturePosition = { history: 'h/1', slot: 's', commitLsn: 0n as Lsn, safeLsn: 0n as Lsn };
const FULL_BYTES = 100;
const MAX_ATOMIC_ROWS = 10;

/** What reached the ledger in one go: parts as `20` or, without the end of their transaction, `20…`. */
interface Append {
  readonly kind: 'flush' | 'commit';
  readonly parts: readonly string[];
  readonly transactions: readonly bigint[];
  readonly safeLsn: bigint | null;
  /** What a commit waited for. */
  readonly until: CommitWait | null;
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
    await this.append({ kind: 'flush', transactions: [], safeLsn: null, until: null });
  }

  async commit(
    transactions: readonly LedgerTransaction[],
    { safeLsn }: CapturePosition,
    until: CommitWait = 'durable',
  ): Promise<void> {
    const positions = transactions.map(({ commitLsn }) => commitLsn);
    await this.append({ kind: 'commit', transactions: positions, safeLsn, until });
  }

  stageColumns(): void {}
  stageFault(): void {}

  private async append(what: Omit<Append, 'parts'>) {
    const { parts } = this;
    this.parts = [];
    this.bytes = 0;
    await this.gate;
    this.appends.push({ ...what, parts });
  }
}

interface FlowParts {
  readonly maxWaitingBytes?: number;
  /** What the source has when it may send again. */
  readonly arriving?: readonly string[];
}

/** A flow into a ledger that notes; parts are written as `20`, `20…` for one that goes on, their bytes `20:70`, or changes `20:70:5`. */
function flowOf({ maxWaitingBytes = 1_000_000, arriving = [] }: FlowParts = {}) {
  const names = new Map<Buffer, string>();
  const ledger = new NotedLedger(names);
  const pressure: boolean[] = [];
  const errors: unknown[] = [];
  const durable: bigint[] = [];
  const flow = new Flow({
    ledger: ledger as unknown as CaptureLedger,
    position: START,
    verified: Promise.resolve(),
    onStored: () => undefined,
    onDurable: (safeLsn) => durable.push(safeLsn),
    onError: (error) => errors.push(error),
    onPressure: (held) => {
      pressure.push(held);
      if (!held) setImmediate(() => arriving.forEach(accept));
    },
    maxWaitingBytes,
    maxAtomicRows: MAX_ATOMIC_ROWS,
  });
  const accept = (text: string): void => flow.accept(partOf(text, names));
  return { flow, ledger, pressure, errors, durable, accept };
}

function partOf(text: string, names: Map<Buffer, string>): TransactionPart {
  const [name = '', bytes = '10', changes = '1'] = text.split(':');
  const commitLsn = BigInt(name.replace('…', '')) as Lsn;
  const memory = Buffer.alloc(Number(bytes));
  names.set(memory, name);
  const origin = { asserted: {}, observed: {} };
  const transaction = { commitLsn, xid: 1, committedAtUs: 0n, changeCount: Number(changes), origin, createdAt: '' };
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
  const appends = ledger.appends.filter(({ parts: stored }) => stored.length > 0); // the others make it durable
  expect(appends.map(({ kind, parts: stored }) => [kind, ...stored].join(' '))).toEqual(expected);
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
      if (sent.length === 0) continue; // makes durable what is stored
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

describe('in the course of time', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick'] }));
  afterEach(() => jest.useRealTimers());

  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  const waitsOf = ({ appends }: NotedLedger) => appends.map(({ parts, until }) => [...parts, until].join(' '));

  it('stores at once what comes alone', async () => {
    const { flow, ledger, pressure, accept } = flowOf();
    for (const name of ['10', '20', '30']) {
      accept(name);
      await pass(1);
    }
    expect(ledger.appends.map(({ parts }) => parts)).toEqual([['10'], ['20'], ['30']]);
    expect(pressure).toEqual([]);
    await flow.stop();
  });

  /** Many transactions come while each append is stored; when it is over, the next one has to wait for 4 ms. */
  async function hurried(parts: FlowParts = {}) {
    const rig = flowOf(parts);
    for (let round = 0; round < 8; round++) {
      let open: () => void = () => undefined;
      rig.ledger.gate = new Promise((resolve) => (open = resolve));
      for (let i = 1; i <= 40; i++) rig.accept(`${round * 40 + i}:1`);
      await pass(4);
      open();
      await pass(16);
    }
    rig.ledger.gate = Promise.resolve();
    rig.accept('1000');
    await pass(0);
    rig.ledger.appends.length = 0;
    expect(rig.pressure).toEqual([]);
    return rig;
  }

  it('gathers when many come, and does not look at the source meanwhile', async () => {
    const { flow, ledger, pressure, accept } = await hurried();
    accept('1010');
    await pass(3);
    accept('1020');
    expect([pressure, ledger.appends]).toEqual([[true], []]);
    await pass(2);
    expect(pressure).toEqual([true, false]);
    expect(ledger.appends.map(({ parts }) => parts)).toEqual([['1010', '1020']]);
    await flow.stop();
  });

  it('reads the source once more before it appends', async () => {
    const { flow, ledger, accept } = await hurried({ arriving: ['1030', '1040'] });
    accept('1020');
    await pass(5);
    expect(ledger.appends[0]?.parts).toEqual(['1020', '1030', '1040']);
    await flow.stop();
  });

  it('does not let the source go on that sent too much before it held back', async () => {
    const { flow, ledger, pressure, accept } = await hurried({ maxWaitingBytes: 30_000 });
    let open: () => void = () => undefined;
    accept('1020');
    await pass(1);
    accept('1030:20000');
    accept('1040:20000'); // more than the ledger takes with the others at once
    ledger.gate = new Promise((resolve) => (open = resolve));
    await pass(5);
    expect(pressure).not.toContain(false);
    open();
    await pass(1);
    expect(pressure.at(-1)).toBe(false);
    await flow.stop();
  });

  it('appends nothing more once it is stopped', async () => {
    const { flow, ledger, pressure, accept } = await hurried();
    accept('1020');
    await pass(1);
    const stopped = flow.stop();
    await pass(25);
    await stopped;
    expect(partsOf(ledger.appends)).toEqual([]);
    expect(pressure).toEqual([true, false]);
  });

  it('waits for the disk a tenth of a second later, and lets only that be acknowledged (P2)', async () => {
    const { flow, ledger, durable, accept } = flowOf();
    for (const name of ['10', '20', '30']) {
      accept(name);
      await pass(30);
    }
    expect([waitsOf(ledger), durable]).toEqual([['10 visible', '20 visible', '30 visible'], []]);
    await pass(9);
    accept('40');
    await pass(1);
    accept('50');
    await pass(1);
    expect([waitsOf(ledger).slice(3), durable]).toEqual([['40 visible', 'durable', '50 visible'], [41n]]);
    await flow.stop();
  });

  it('waits for the disk with an append that comes when it is time', async () => {
    const { flow, ledger, durable, accept } = flowOf();
    accept('10');
    await pass(99);
    let open: () => void = () => undefined;
    ledger.gate = new Promise((resolve) => (open = resolve));
    accept('20');
    await pass(2); // it is under way when the time is over
    accept('30');
    open();
    await pass(1);
    expect([waitsOf(ledger), durable]).toEqual([['10 visible', '20 visible', '30 durable'], [31n]]);
    await flow.stop();
  });

  it.each([
    ['not little, its first parts included', ['20…:70000', '20:1'], ['20… ', '20 durable']],
    ['so large that lanes may cut it', ['20:1:11'], ['20 durable']],
  ])('always waits for the disk with a transaction that is %s', async (_text, parts, expected) => {
    const { flow, ledger, durable, accept } = flowOf();
    for (const part of ['10:1:10', ...parts, '30']) {
      accept(part);
      await pass(1);
    }
    expect(waitsOf(ledger)).toEqual(['10 visible', ...expected, '30 visible']);
    expect(durable).toEqual([21n]);
    await flow.stop();
  });

  it('makes the rest durable when nothing more comes, and does nothing more when it is', async () => {
    const { flow, ledger, durable, accept } = flowOf();
    accept('10');
    await pass(1);
    accept('20:70000');
    await pass(200);
    accept('30');
    await pass(1);
    expect(durable).toEqual([21n]);
    await pass(300);
    expect([waitsOf(ledger), durable]).toEqual([
      ['10 visible', '20 durable', '30 visible', 'durable'],
      [21n, 31n],
    ]);
    await flow.stop();
  });

  it('acknowledges an idle position that came while the rest was made durable (W9)', async () => {
    const { flow, ledger, durable, accept } = flowOf();
    accept('10');
    await pass(1);
    let open: () => void = () => undefined;
    ledger.gate = new Promise((resolve) => (open = resolve));
    await pass(100);
    flow.idleAt(95n as Lsn);
    await pass(10);
    open();
    await pass(1001);
    expect(durable).toEqual([11n, 95n]);
    await flow.stop();
  });

  it('makes the rest durable when it is stopped, but no transaction that has not ended', async () => {
    const whole = flowOf();
    const open = flowOf();
    for (const { accept } of [whole, open]) {
      accept('10');
      await pass(1);
    }
    open.accept('20…:100');
    await pass(1);
    await Promise.all([whole.flow.stop(), open.flow.stop()]);
    expect([whole.durable, open.durable]).toEqual([[11n], []]);
    expect(waitsOf(open.ledger).at(-1)).toBe('20… ');
  });

  it('acknowledges nothing when the last word of the ledger was an error', async () => {
    const { flow, ledger, durable, errors, accept } = flowOf();
    accept('10');
    await pass(1);
    ledger.gate = Promise.reject(new Error('gone'));
    accept('20');
    await pass(0);
    accept('30');
    ledger.gate = Promise.resolve();
    await pass(200);
    await flow.stop();
    expect([durable, errors]).toEqual([[], [new Error('gone')]]);
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
