import type { CaptureLedger, CapturePosition, LedgerTransaction, Lsn } from '@astro/sync-core';
import { withDeadline } from '@astro/runtime';
import type { TransactionPart } from './assembler.js';

export interface FlowOptions {
  readonly ledger: CaptureLedger;
  /** Where the ledger stands at the start. */
  readonly position: CapturePosition;
  /** Nothing is stored before the stream is known to be without a gap; a rejection is reported by its owner. */
  readonly verified: Promise<void>;
  /** A position is durable in the ledger. */
  readonly onStored: (position: CapturePosition, transactions: readonly LedgerTransaction[]) => void;
  readonly onError: (error: unknown) => void;
  /** True when the source should hold back: too much waits to be stored, or it is not time to look at it yet. */
  readonly onPressure: (held: boolean) => void;
  readonly maxWaitingBytes: number;
}

/**
 * Appends of little begin this far apart: an added latency that people do not see, and less work for databases
 * (docs/benchmarks.md). Where an append takes longer they begin twice as long apart, within the limit: others need the
 * disk, too.
 */
const APPEND_INTERVAL_MS = 4;
const MAX_APPEND_INTERVAL_MS = 25;
/**
 * While a source commits more than one transaction in a millisecond they begin this far apart: it needs its cores
 * itself, and what reads it in bursts takes a third less of them.
 */
const BUSY_INTERVAL_MS = 10;
const BUSY_TRANSACTION_MS = 1;
const LITTLE_BYTES = 64 * 1024;
/** What a part takes besides its changes, roughly. */
const PART_BYTES = 500;
/** An idle position is stored this often at most: it costs a commit in SystemDB. */
const IDLE_STORE_INTERVAL_MS = 1000;

/**
 * A ledger that does not answer counts as lost: the source is let go, so that it can be shut down (W9). The append is
 * dropped when capture closes the ledger; should it still be stored, the next one begins behind it.
 */
const LEDGER_DEADLINE_MS = 20_000;

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
  private lastStoreAtMs = 0;
  /** When the last append began, on a clock that is never set back. */
  private appendedAtMs = -MAX_APPEND_INTERVAL_MS;
  private appendMs = 0;
  private appendedTransactions = 0;
  private idleTimer: NodeJS.Timeout | null = null;
  private stopped = false;

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
    this.storeIdlePosition();
  }

  /** Waits for the append under way; nothing more starts. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.idleTimer) clearTimeout(this.idleTimer);
    await this.running;
  }

  private kick(): void {
    if (this.running || this.stopped) return;
    this.running = this.run()
      .catch((error: unknown) => {
        this.stopped = true;
        this.options.onError(error);
      })
      .finally(() => {
        this.running = null;
        if (this.waiting.length > 0) this.kick();
      });
  }

  private async run(): Promise<void> {
    await this.options.verified;
    await nextTurn(); // lets everything that has already arrived join this append
    while (this.waiting.length > 0 && !this.stopped) {
      await this.gather();
      if (this.stopped) return;
      this.appendedAtMs = performance.now();
      await this.append();
      this.appendMs = performance.now() - this.appendedAtMs;
    }
    this.storeIdlePosition();
  }

  /**
   * Little that comes soon after an append waits for more: every append costs the machine a flush and a wake-up. So does
   * each look at the source, which therefore happens once, at the end.
   */
  private async gather(): Promise<void> {
    const waitMs = this.appendedAtMs + this.intervalMs() - performance.now();
    if (waitMs <= 0 || this.held || this.partialOpen || this.waitingBytes >= LITTLE_BYTES) return;
    this.options.onPressure(true);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (!this.held) this.options.onPressure(false);
    await nextTurn(); // in which the source is read
  }

  private intervalMs(): number {
    const busyMs = Math.min(BUSY_INTERVAL_MS, this.appendedTransactions * BUSY_TRANSACTION_MS);
    return Math.min(MAX_APPEND_INTERVAL_MS, Math.max(APPEND_INTERVAL_MS, busyMs, 2 * this.appendMs));
  }

  /** Parts in the ledger's own form, up to what it takes at once, go there; complete transactions are committed. */
  private async append(): Promise<void> {
    const parts = this.stageNext();
    if (this.partialOpen) await inTime(this.options.ledger.flush());
    else await this.commit(parts);
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
    for (const part of parts) this.waitingBytes -= bytesOf(part);
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
    this.appendedTransactions = transactions.length;
    const last = parts[parts.length - 1] as TransactionPart;
    const safeLsn = last.end?.endLsn ?? this.position.safeLsn;
    if (safeLsn > this.reachedLsn) this.reachedLsn = safeLsn;
    await this.store({ ...this.position, commitLsn: last.commitLsn, safeLsn }, transactions);
  }

  private async store(position: CapturePosition, transactions: readonly LedgerTransaction[]): Promise<void> {
    await inTime(this.options.ledger.commit(transactions, position));
    this.position = position;
    this.lastStoreAtMs = Date.now();
    this.options.onStored(position, transactions);
  }

  /** Records that nothing happened up to here, before it is acknowledged (W5). */
  private storeIdlePosition(): void {
    if (this.reachedLsn <= this.position.safeLsn || this.idleTimer || this.stopped) return;
    const waitMs = Math.max(0, this.lastStoreAtMs + IDLE_STORE_INTERVAL_MS - Date.now());
    this.idleTimer = setTimeout(() => {
      this.idleTimer = null;
      if (this.running || this.stopped || this.partialOpen) return;
      this.running = this.options.verified
        .then(() => this.store({ ...this.position, safeLsn: this.reachedLsn }, []))
        .catch((error: unknown) => {
          this.stopped = true;
          this.options.onError(error);
        })
        .finally(() => {
          this.running = null;
          if (this.waiting.length > 0) this.kick();
        });
    }, waitMs);
  }

  private hold(held: boolean): void {
    this.held = held;
    this.options.onPressure(held);
  }
}
