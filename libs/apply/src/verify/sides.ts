import type { LaneChange, Lsn } from '@astro/sync-core';
import type { ReadTable } from '../source/table-queries.js';
import type { Visible } from '../lane/strategy-tools.js';
import type { FieldDifference, VerifyRange, WalkStep } from './model.js';

/** Documents by key; null: there is none. */
export type Documents = ReadonlyMap<string, string | null>;

/** Keys that changes touch; `all`: any could be. */
export type Touched = ReadonlySet<string> | 'all';

/** The rows of a data set as its source has them. */
export interface SourceSide {
  /** Those whose keys are the keys of the target. */
  readonly tables: readonly ReadTable[];
  /** How many keys are asked about at once, so that their documents take a bounded amount of memory. */
  readonly keysAtOnce: number;
  /** The key that ends the next `rows` rows; null: there are fewer. */
  boundary(tableId: number, afterKey: readonly string[] | null, rows: number): Promise<readonly string[] | null>;
  /** What the source holds under these keys, all of them, in snapshots that see what `visible` asks for. */
  documents(tableId: number, keys: readonly string[], visible: Visible): Promise<Documents>;
  /** The keys of the table whose documents these changes may alter. */
  touched(tableId: number, changes: readonly LaneChange[], visible: Visible): Promise<Touched>;
  /** Everything that any reader of the source saw before stands in its log before this. */
  watermark(): Promise<Lsn>;
  /** Gives up its connections; they are made anew when needed. */
  close(): Promise<void>;
}

/** How the target differs from the source under one key. */
export type Finding =
  | { readonly kind: 'missing' }
  | { readonly kind: 'extra' }
  | { readonly kind: 'different'; readonly fields: readonly FieldDifference[] };

/** The rows of a data set as its target has them. Only reads, and stays out of the lane's own connection. */
export interface TargetSide {
  /** The lane's state; see `Target.readState`. */
  readState(): Promise<string | null>;
  /** Compares closely. Keys that are equal have no entry. */
  compare(tableId: number, documents: Documents): Promise<ReadonlyMap<string, Finding>>;
  close(): Promise<void>;
}

/** Goes over everything, fast: what it calls the same is the same, what it suspects is looked at closely afterwards. */
export interface Walk {
  /** True when a range of the source says nothing about keys that only the target has. */
  readonly needsExtras: boolean;
  range(range: VerifyRange, signal: AbortSignal): AsyncIterable<WalkStep>;
  extras(tableId: number, signal: AbortSignal): AsyncIterable<WalkStep>;
  /** All rows of a table, and what only the target has. */
  whole(tableId: number, signal: AbortSignal): AsyncIterable<WalkStep>;
  close(): Promise<void>;
}
