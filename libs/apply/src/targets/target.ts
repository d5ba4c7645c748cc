import type { Position } from '@astro/sync-core';
import type { CopyBytes } from '../copy/copy-bytes.js';

/** The state that a batch leaves one key in. */
export interface KeyState {
  readonly tableId: number;
  readonly key: string;
  /** The document; columns named in `carry` stand in their place as null. Null: the row is gone. */
  readonly document: string | null;
  /** Columns that keep the value the target holds under `fromKey` before this batch (W13); null: nothing is missing. */
  readonly carry: { readonly fromKey: string; readonly columns: readonly string[] } | null;
  /** The last change of the key in this batch. */
  readonly position: Position;
}

/** What a lane writes in one step. Each key occurs once; truncated tables are emptied before any key is written. */
export interface TargetBatch {
  readonly truncated: readonly number[];
  readonly states: readonly KeyState[];
}

export const EMPTY_BATCH: TargetBatch = { truncated: [], states: [] };

/** Rows of a copy, as COPY text of all columns in attribute order. */
export interface RowChunk {
  readonly tableId: number;
  readonly columns: readonly { readonly name: string; readonly typeOid: number }[];
  readonly bytes: CopyBytes;
  readonly rows: number;
  /** No row has more, its newline included. */
  readonly longestRowBytes: number;
}

/** What writing states would do to the rows that a target holds. */
export interface Comparison {
  readonly inserted: number;
  readonly changed: number;
  readonly same: number;
  readonly removed: number;
}

/** Moves the lane's state from one exact text to another; null: the target holds none. */
export interface StateMove {
  readonly expected: string | null;
  readonly next: string;
}

export interface WriteOptions {
  /**
   * More of the same source transaction follows: a target with transactions keeps its own open and moves the state
   * with the last part; one without moves the state with every part.
   */
  readonly partial: boolean;
  /** Also after a part, what may wait until the end of the transaction is checked; a target without such rules ignores it. */
  readonly checked?: boolean;
  /**
   * Called, and awaited, before anything becomes visible, with the keys that cannot be completed because the target
   * holds no row to carry columns from. They are not written; the caller makes sure that they are not forgotten.
   */
  readonly onIncomplete: (states: readonly KeyState[]) => Promise<void>;
}

/**
 * Where a lane's data ends. The lane's state lives here too, so that data and position move in one atomic step.
 * A new kind of target implements this and passes the contract suite (`target-contract.ts`).
 */
export interface Target {
  /** The state text stored last; null when the target never saw this lane, or lost what it knew. */
  readState(): Promise<string | null>;
  /**
   * Writes the batch and the state, or neither. Replaying a batch gives the same data.
   * @throws {FencedError} when the stored state is not `move.expected`: another worker was here
   * @throws {PoisonError} when the data itself cannot be written; nothing was written
   * Other errors are transient; the caller reads the state again before it goes on.
   */
  write(batch: TargetBatch, move: StateMove, options: WriteOptions): Promise<void>;
  /**
   * Writes rows of a copy; rows that exist are replaced. Guarded and failing like {@link write}, but a failure may leave
   * some of the rows written. The state moves with the last one.
   */
  writeRows(chunk: RowChunk, move: StateMove): Promise<void>;
  /** True when the target holds no row of the lane. */
  isEmpty(): Promise<boolean>;
  /** Every key of one table that the target holds, in pages; a key may come twice, one present throughout always comes. */
  keys(tableId: number, pageSize: number): AsyncIterable<readonly string[]>;
  /** What writing these states, all without `carry`, would do now; writes nothing. */
  compare(states: readonly KeyState[]): Promise<Comparison>;
  /** Gives up an open partial write and whatever else is held. */
  reset(): Promise<void>;
}
