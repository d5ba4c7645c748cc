import {
  LSN_ZERO,
  comparePositions,
  type CapturePosition,
  type EncodedChanges,
  type LaneChange,
  type LanePage,
  type Lsn,
  type PageLimits,
  type Position,
} from '@astro/sync-core';
import { readChangeLines } from './copy-format.js';

export interface RecentRead {
  readonly history: string;
  readonly position: Position;
  readonly tableIds: ReadonlySet<number>;
  readonly withBefore: boolean;
}

/** So much is kept at most. */
export const RECENT_BYTES = 16 * 1024 * 1024;

/**
 * The end of the ledger, kept in memory by the process that wrote it: lanes that keep up need not ask SystemDB for
 * what went through this process a moment ago. Holds only what is committed there, without a hole, and is emptied whenever
 * the writer loses its place; then, and for everything older, the ledger itself is read.
 */
export class RecentChanges {
  private history = '';
  /** Every transaction that committed after this is held; null: nothing can be said. */
  private from: Lsn | null = null;
  /** Whole transactions, as the COPY lines that went into the ledger. */
  private stored: EncodedChanges[] = [];
  /** So many at the beginning of {@link stored} are not held any more. */
  private forgotten = 0;
  private bytes = 0;
  /** Everything that committed before this and is not held committed up to `from`. */
  private storedTo: Lsn | null = null;

  /** Nothing is known before; what is stored after `commitLsn` will be added. */
  begin({ history, commitLsn, safeLsn }: CapturePosition): void {
    this.clear();
    this.history = history;
    this.from = commitLsn;
    this.storedTo = safeLsn;
  }

  get isBegun(): boolean {
    return this.from !== null;
  }

  clear(): void {
    this.from = null;
    this.storedTo = null;
    this.stored = [];
    this.forgotten = 0;
    this.bytes = 0;
  }

  /**
   * @param parts what one append stored, in order
   * @param safeLsn everything that committed before it is stored now
   */
  add(parts: readonly EncodedChanges[], safeLsn: Lsn): void {
    this.storedTo = safeLsn;
    for (const part of parts) {
      const last = this.stored.at(-1);
      if (last?.commitLsn === part.commitLsn) this.stored[this.stored.length - 1] = joined(last, part);
      else this.stored.push(part);
      this.bytes += sizeOf(part);
    }
    this.forgetOldest();
  }

  /**
   * The next whole transactions after a position; null when the ledger has to be asked: for what is not held, for a
   * transaction larger than the limits, and for what comes after the last one, which another process may have written.
   */
  read({ history, position, ...wanted }: RecentRead, limits: PageLimits): LanePage | null {
    const { maxBytes } = limits;
    if (!this.holds(history, position)) return null;
    const changes: LaneChange[] = [];
    let bytes = 0;
    for (let i = this.firstFrom(position.commitLsn); i < this.stored.length; i++) {
      const transaction = this.stored[i] as EncodedChanges;
      const isFull = changes.length > 0 && bytes + sizeOf(transaction) > maxBytes;
      if (isFull) break;
      const next = changesAfter(position, transaction, wanted);
      if (changes.length + next.length > rowsAllowed(changes.length, limits)) break;
      bytes += next.length === 0 ? 0 : sizeOf(transaction);
      changes.push(...next);
    }
    return changes.length === 0 || bytes > maxBytes ? null : { changes, partial: false };
  }

  /** True when everything that committed before `until` is stored and no wanted change of it follows the position. */
  isReadTo(until: Lsn, { history, position, ...wanted }: RecentRead): boolean {
    if (!this.holds(history, position) || this.storedTo === null || this.storedTo < until) return false;
    const following = this.stored.slice(this.firstFrom(position.commitLsn));
    return following.every((transaction) => changesAfter(position, transaction, wanted).length === 0);
  }

  /**
   * True when everything that follows the position and was stored by this process is held. Not for a lane that stands at
   * the last transaction that is not: it may have read only a part of it.
   */
  private holds(history: string, { commitLsn }: Position): boolean {
    return this.from !== null && history === this.history && commitLsn > this.from;
  }

  private firstFrom(commitLsn: Lsn): number {
    let low = this.forgotten;
    let high = this.stored.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.stored[middle] as EncodedChanges).commitLsn < commitLsn) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What is forgotten is taken out many at a time: an append may bring one transaction to tens of thousands. */
  private forgetOldest(): void {
    while (this.bytes > RECENT_BYTES) {
      const oldest = this.stored[this.forgotten] as EncodedChanges;
      this.stored[this.forgotten++] = GONE;
      this.bytes -= sizeOf(oldest);
      this.from = oldest.commitLsn;
    }
    if (this.forgotten * 2 <= this.stored.length) return;
    this.stored = this.stored.slice(this.forgotten);
    this.forgotten = 0;
  }
}

/** Holds no memory. */
const GONE: EncodedChanges = { commitLsn: LSN_ZERO, memory: Buffer.alloc(0), start: 0, end: 0, tableIds: [] };

/** Two parts of one transaction. */
function joined(a: EncodedChanges, b: EncodedChanges): EncodedChanges {
  const memory = Buffer.concat([a.memory.subarray(a.start, a.end), b.memory.subarray(b.start, b.end)]);
  const tableIds = [...new Set([...a.tableIds, ...b.tableIds])];
  return { commitLsn: a.commitLsn, memory, start: 0, end: memory.length, tableIds };
}

function sizeOf({ start, end }: EncodedChanges): number {
  return end - start;
}

function changesAfter(
  position: Position,
  transaction: EncodedChanges,
  wanted: Pick<RecentRead, 'tableIds' | 'withBefore'>,
): readonly LaneChange[] {
  if (!transaction.tableIds.some((id) => wanted.tableIds.has(id))) return [];
  const rows = readChangeLines(transaction, wanted);
  return transaction.commitLsn > position.commitLsn ? rows : rows.filter((row) => comparePositions(row, position) > 0);
}

/** A transaction that comes alone may be larger than a page. */
function rowsAllowed(taken: number, { maxRows, maxAtomicRows = maxRows }: PageLimits): number {
  return taken === 0 ? maxAtomicRows : maxRows;
}
