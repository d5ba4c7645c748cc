import type { CaptureLedger, CapturePosition, CommitWait, LedgerTransaction, Lsn } from '@astro/sync-core';
import { withDeadline } from '@astro/runtime';
import { AppendPace } from './append-pace.js';
import type { TransactionPart } from './assembler.js';

export interface FlowOptions {
  readonly ledger: CaptureLedger;
  /** Where the ledger stands at the start. */
  readonly position: CapturePosition;
  /** Nothing is stored before the stream is known to be without a gap; a rejection is reported by its owner. */
  readonly verified: Promise<void>;
  /** Transactions and a position can be read in the ledger. */
  readonly onStored: (position: CapturePosition, transactions: readonly LedgerTransaction[]) => void;
  /** Everything that committed before this survives a crash of SystemDB: it may be acknowledged (P2). */
  readonly onDurable: (safeLsn: Lsn) => void;
  readonly onError: (error: unknown) => void;
  /** True when the source should hold back: too much waits to be stored, or it is not time to look at it yet. */
  readonly onPressure: (held: boolean) => void;
  readonly maxWaitingBytes: number;
  /**
   * Lanes may apply a transaction of more changes in parts, so it waits for the disk: sent again under another catalogue
   * its changes could have other numbers.
   */
  readonly maxAtomicRows: number;
}

/** What is less may gather, and need not wait for the disk. */
const LITTLE_BYTES = 64 * 1024;
/**
 * An append of little does not wait for SystemDB's disk, unless one before it has not been there for so long; that makes
 * all of them durable. The source keeps what is not acknowledged, so a crash takes nothing from it.
 */
const MAX_VISIBLE_MS = 100;
/** What a part takes besides its changes, roughly. */
const PART_BYTES = 500;
/** An idle position is stored this often at most: it costs a commit in SystemDB. */
const IDLE_STORE_INTERVAL_MS = 1000;

/**
 * A ledger that does not answer counts as lost: the source is let go, so that it can be shut down (W9). The append is
 * dropped when capture closes the ledger; should it still be stored, the next one begins behind it.
 */
const LEDGER_DEADLINE_MS = 20_000;
/** At the end the source waits to be let go, and sends again what is not durable then. */
const LAST_DEADLINE_MS = 2000;

function bytesOf({ changes }: TransactionPart): number {
  return changes.end - changes.start + PART_BYTES;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function inTime(work: Promise<void>): Promise<void> {
  return withDeadline(work, LEDGER_DEADLINE_MS, 'storing changes in SystemDB');
}

/**
 * Carries parts from the stream into the ledger: one append at a time, each what came in during the one before, as much
 * of it as the ledger takes at once. Only what has been committed there is reported as stored.
 */
export class Flow {
  private waiting: TransactionPart[] = [];
  private waitingBytes = 0;
  private held = false;
  private running: Promise<void> | null = null;
  private partialOpen = false;
  private position: CapturePosition;
  /** Highest position that is safe once everything waiting is stored; ahead of `position` when the source is idle. */
  private reachedLsn: Lsn;
  private storedAtMs = -IDLE_STORE_INTERVAL_MS;
  /** Since when something is stored that a crash of SystemDB may take back; null: nothing is. */
  private visibleSinceMs: number | null = null;
  /** Sent to the ledger since the last commit. */
  private appendBytes = 0;
  private readonly pace = new AppendPace();
  private idleTimer: NodeJS.Timeout | null = null;
  private state: 'open' | 'stopped' | 'failed' = 'open';

  constructor(private readonly options: FlowOptions) {
    this.position = options.position;
    this.reachedLsn = options.position.safeLsn;
  }

  accept(part: TransactionPart): void {
    this.waiting.push(part);
    this.waitingBytes += bytesOf(part);
    if (!this.held && this.waitingBytes > this.options.maxWaitingBytes) this.hold(true);
    this.kick();
  }

  /** The source has sent everything before `walEnd`; the caller has seen no transaction left open (W4). */
  idleAt(walEnd: Lsn): void {
    if (walEnd <= this.reachedLsn || this.waiting.length > 0) return;
    this.reachedLsn = walEnd;
    this.settleLater();
  }

  /** Waits for the append under way, and makes durable what is stored; nothing more starts. */
  async stop(): Promise<void> {
    if (this.state === 'open') this.state = 'stopped';
    this.clearIdleTimer();
    await this.running;
    if (this.isFailed || this.partialOpen || this.visibleSinceMs === null) return;
    const last = this.store(this.position, [], 'durable');
    await withDeadline(last, LAST_DEADLINE_MS, 'the last commit').catch(() => undefined);
  }

  private kick(): void {
    if (!this.running && this.isOpen) this.start(() => this.run());
  }

  /** One thing at a time reaches the ledger; the first that fails is the last. */
  private start(work: () => Promise<void>): void {
    this.running = work()
      .catch((error: unknown) => {
        this.state = 'failed';
        this.options.onError(error);
      })
      .finally(() => {
        this.running = null;
        if (this.waiting.length > 0) this.kick();
        else this.settleLater();
      });
  }

  private async run(): Promise<void> {
    await this.options.verified;
    await nextTurn(); // lets everything that has already arrived join this append
    while (this.waiting.length > 0 && this.isOpen) {
      await this.gather();
      if (this.isOpen) await this.append();
    }
  }

  /** Little may have to wait for more; then the source is looked at once, at the end. */
  private async gather(): Promise<void> {
    const waitMs = this.pace.waitMs(performance.now());
    if (waitMs === 0 || this.held || this.partialOpen || this.waitingBytes >= LITTLE_BYTES) return;
    this.options.onPressure(true);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (!this.held) this.options.onPressure(false);
    await nextTurn(); // in which the source is read
  }

  /** Parts in the ledger's own form, up to what it takes at once, go there; complete transactions are committed. */
  private async append(): Promise<void> {
    this.pace.begin(performance.now());
    const parts = this.stageNext();
    if (this.partialOpen) await inTime(this.options.ledger.flush());
    else await this.commit(parts);
    this.pace.end(performance.now(), parts.filter(({ end }) => end !== null).length);
  }

  /** Part of an open transaction must not be committed: what is complete goes first. */
  private stageNext(): readonly TransactionPart[] {
    const { waiting } = this;
    let count = 0;
    for (; count < waiting.length && !this.options.ledger.isFull; count++) {
      const part = waiting[count] as TransactionPart;
      if (part.end === null && count > 0 && !this.partialOpen) break;
      this.stage(part);
      this.partialOpen = part.end === null;
    }
    const parts = waiting.splice(0, count);
    for (const part of parts) {
      this.waitingBytes -= bytesOf(part);
      this.appendBytes += bytesOf(part);
    }
    if (this.held && this.waitingBytes <= this.options.maxWaitingBytes / 2) this.hold(false);
    return parts;
  }

  private stage({ changes, columns, faults }: TransactionPart): void {
    for (const [tableId, reason] of faults) this.options.ledger.stageFault(tableId, reason);
    for (const [tableId, described] of columns) this.options.ledger.stageColumns(tableId, described);
    this.options.ledger.stage(changes);
  }

  private async commit(parts: readonly TransactionPart[]): Promise<void> {
    const transactions = parts.flatMap((part) =>
      part.end && part.end.transaction.changeCount > 0 ? [part.end.transaction] : [],
    );
    const last = parts[parts.length - 1] as TransactionPart;
    const safeLsn = last.end?.endLsn ?? this.position.safeLsn;
    if (safeLsn > this.reachedLsn) this.reachedLsn = safeLsn;
    await this.store(
      { ...this.position, commitLsn: last.commitLsn, safeLsn },
      transactions,
      this.nextWait(transactions),
    );
  }

  private nextWait(transactions: readonly LedgerTransaction[]): CommitWait {
    const isDue = this.visibleSinceMs !== null && performance.now() - this.visibleSinceMs >= MAX_VISIBLE_MS;
    const isMuch = this.appendBytes >= LITTLE_BYTES;
    const mayBeCut = transactions.some(({ changeCount }) => changeCount > this.options.maxAtomicRows);
    return isDue || isMuch || mayBeCut ? 'durable' : 'visible';
  }

  private async store(
    position: CapturePosition,
    transactions: readonly LedgerTransaction[],
    until: CommitWait,
  ): Promise<void> {
    await inTime(this.options.ledger.commit(transactions, position, until));
    this.position = position;
    this.appendBytes = 0;
    this.storedAtMs = performance.now();
    this.options.onStored(position, transactions);
    if (until === 'visible') {
      this.visibleSinceMs ??= this.storedAtMs;
      return;
    }
    this.visibleSinceMs = null;
    this.options.onDurable(position.safeLsn);
  }

  /** When nothing more comes: makes the rest durable, and records that nothing happened up to here (W5). */
  private settleLater(): void {
    this.clearIdleTimer();
    if (!this.isOpen || this.running || this.partialOpen) return; // the end of what runs comes here again
    const sinceMs = this.visibleSinceMs;
    if (sinceMs === null && this.reachedLsn <= this.position.safeLsn) return;
    const dueAtMs = sinceMs === null ? this.storedAtMs + IDLE_STORE_INTERVAL_MS : sinceMs + MAX_VISIBLE_MS;
    const waitMs = Math.max(0, dueAtMs - performance.now());
    this.idleTimer = setTimeout(() => {
      if (this.isOpen && !this.running) this.start(() => this.settle());
    }, waitMs);
  }

  private async settle(): Promise<void> {
    await this.options.verified;
    await this.store({ ...this.position, safeLsn: this.reachedLsn }, [], 'durable');
  }

  private clearIdleTimer(): void {
    if (this.idleTimer) clearTimeout(this.idleTimer);
    this.idleTimer = null;
  }

  private get isOpen(): boolean {
    return this.state === 'open';
  }

  private get isFailed(): boolean {
    return this.state === 'failed';
  }

  private hold(held: boolean): void {
    this.held = held;
    this.options.onPressure(held);
  }
}
