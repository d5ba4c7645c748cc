import type {
  CaptureLedger,
  CapturePosition,
  CommitWait,
  EncodedChanges,
  LedgerTransaction,
  Lsn,
} from '@astro/sync-core';
import type { TransactionPart } from './assembler.js';
import { Flow } from './flow.js';

const START: CapturePosition = { history: 'h/1', slot: 's', commitLsn: 0n as Lsn, safeLsn: 0n as Lsn };
const FULL_BYTES = 100;
const MAX_ATOMIC_ROWS = 10;

/** What reached the ledger in one go: parts as `20` or, without the end of their transaction, `20…`. */
export interface Append {
  readonly kind: 'flush' | 'commit';
  readonly parts: readonly string[];
  readonly transactions: readonly bigint[];
  readonly safeLsn: bigint | null;
  /** What a commit waited for. */
  readonly until: CommitWait | null;
}

/** Notes what it is given, in the order of time. */
export class NotedLedger {
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

export interface FlowParts {
  readonly maxWaitingBytes?: number;
  /** What the source has when it may send again. */
  readonly arriving?: readonly string[];
}

/** A flow into a ledger that notes; parts are written as `20`, `20…` for one that goes on, their bytes `20:70`, or changes `20:70:5`. */
export function flowOf({ maxWaitingBytes = 1_000_000, arriving = [] }: FlowParts = {}) {
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

export const partsOf = (appends: readonly Append[]) => appends.flatMap(({ parts }) => parts);
