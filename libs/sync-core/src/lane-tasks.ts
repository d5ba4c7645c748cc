import type { LaneFailure } from './ports.js';
import type { CopyProgress, ExtraRows, TaskTally } from './position.js';

/** One condition on a column of a source table; several hold together. Never SQL. */
export interface RowCondition {
  readonly column: string;
  readonly operator: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'in' | 'is_null' | 'is_not_null';
  /** One value; a list for `in`; absent for `is_null` and `is_not_null`. */
  readonly value?: RowValue | readonly RowValue[] | undefined;
}

export type RowValue = string | number | boolean;

/** A row of a source table by its key in the ledger's coding. */
export interface TableKey {
  readonly tableId: number;
  readonly key: string;
}

/** What the item of a run asks of its lane. */
export type TaskWork =
  /** Apply what was committed before the task began. */
  | { readonly kind: 'catch_up' }
  /** Copy everything, then remove what the source does not have. */
  | { readonly kind: 'copy' }
  /** Write what the source holds under these keys; remove those that it does not have. */
  | { readonly kind: 'keys'; readonly keys: readonly TableKey[] }
  /** Write the rows that match. */
  | { readonly kind: 'filter'; readonly tableId: number; readonly conditions: readonly RowCondition[] }
  /** Write the rows that a comparison found to differ; see {@link LaneTasks.differing}. */
  | { readonly kind: 'mend' };

export interface LaneTask {
  readonly item: string;
  readonly work: TaskWork;
  /** `pause`: the stream goes on, the task does not. */
  readonly intent: 'go' | 'pause' | 'cancel';
  /** Null: no limit. */
  readonly maxRowsPerSecond: number | null;
  /** Null: nothing keeps the task from removing. */
  readonly guard: RemovalGuard | null;
}

/** What a task may remove, and how far it may be from what was expected, before it stops by itself. */
export interface RemovalGuard {
  /** Shares are parts of 1, of the rows that the target holds. */
  readonly maxRemovalShare: number;
  /** What a preview told. Removals beyond the share were confirmed by whoever started from it; others confirm nothing. */
  readonly expected: { readonly rows: number; readonly removals: number } | null;
  /** How far rows and removals may be from `expected`, as a part of its rows. */
  readonly maxDeviationShare: number;
}

/** Some removals are no mass removal, whatever share they are. */
export const ALWAYS_REMOVABLE = 10;

/**
 * Rows that may be removed from a target that holds `held`: the share, and of what a preview told no more than it told;
 * beyond the share only when so many were confirmed. Pure.
 */
export function removableRows(guard: RemovalGuard, held: number): number {
  const share = Math.max(ALWAYS_REMOVABLE, Math.floor(held * guard.maxRemovalShare));
  if (!guard.expected) return share;
  const { removals } = guard.expected;
  const near = removals + toleranceOf(guard.expected, guard);
  return removals > share ? near : Math.min(near, share);
}

/** Why the task must not remove what it has found; null: it may. Pure. */
export function removalRefusal(guard: RemovalGuard, { extra, held }: ExtraRows): string | null {
  const { expected, maxRemovalShare } = guard;
  if (extra <= removableRows(guard, held)) return null;
  if (expected && extra > expected.removals + toleranceOf(expected, guard)) {
    return `${extra} rows would be removed where the preview told ${expected.removals}; nothing was removed.`;
  }
  const limit = Math.round(maxRemovalShare * 1000) / 10;
  return `${extra} of ${held} rows would be removed, more than ${limit} %; nothing was removed.`;
}

/** Why the number of rows is too far from what was expected; null: it is not. `isWhole`: all rows were read. Pure. */
export function rowsRefusal(guard: RemovalGuard, rows: number, isWhole: boolean): string | null {
  const { expected } = guard;
  if (!expected) return null;
  const tolerance = toleranceOf(expected, guard);
  if (rows <= expected.rows + tolerance && !(isWhole && rows < expected.rows - tolerance)) return null;
  const read = isWhole ? `${rows} rows were read` : `More than ${rows - 1} rows were read`;
  return `${read} where the preview told ${expected.rows}.`;
}

function toleranceOf({ rows }: { readonly rows: number }, { maxDeviationShare }: RemovalGuard): number {
  return Math.max(ALWAYS_REMOVABLE, Math.floor(rows * maxDeviationShare));
}

export type TaskOutcome = 'succeeded' | 'succeeded_with_leftovers' | 'failed' | 'cancelled' | 'stopped_by_guard';

export interface TaskEnd {
  readonly outcome: TaskOutcome;
  /** One sentence for people; null: nothing to say. */
  readonly message: string | null;
  /** Null when the task ended without having begun. */
  readonly copy: CopyProgress | null;
}

export interface DifferingPage {
  readonly keys: readonly TableKey[];
  /** Where the next page begins; null after the last one. */
  readonly next: string | null;
  /** How many there are in all. */
  readonly total: number;
}

export const EMPTY_TALLY: TaskTally = { inserted: 0, changed: 0, same: 0, removed: 0, rawBytes: 0, storedBytes: 0 };

/**
 * What runs ask of one lane. The truth about how far a task has come is in the lane's state at the target; this side
 * keeps what is asked, tells people, and remembers how it ended.
 */
export interface LaneTasks {
  /** The item that this worker holds for the lane; null: none. Cheap enough to be asked once a second. */
  current(): Promise<LaneTask | null>;
  /** False when the item has ended, whoever held it: what the lane still holds of it is to be given up. */
  isOpen(item: string): Promise<boolean>;
  /** The lane stands, because capture has not begun or the data set needs a resync, and the task cannot go on. */
  standing(task: LaneTask): Promise<void>;
  /** Written about once a second, with a sign of life for as long as the lane is at work. */
  report(task: LaneTask, copy: CopyProgress): void;
  /** The lane has stopped working on it; what was reported is written. */
  paused(task: LaneTask): Promise<void>;
  /** Rows that could not be written while the task was at work. */
  failed(task: LaneTask, failures: readonly LaneFailure[]): Promise<void>;
  /** An error that is tried again; people are told of it by `publicReason`. */
  retried(task: LaneTask, error: unknown): void;
  /** Rows that a comparison found to differ, in pages. @param after null: from the start */
  differing(task: LaneTask, after: string | null, limit: number): Promise<DifferingPage>;
  /** Tells how the task ended; called again after a crash it changes nothing. */
  ended(task: LaneTask, end: TaskEnd): Promise<void>;
}
