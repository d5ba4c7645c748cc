import type { TableRef } from '@astro/sync-core';

/** `missing`: only the source has the row. `extra`: only the target has it. */
export type DifferenceKind = 'missing' | 'extra' | 'different';

/** A field that differs. Values are data of people: they are for the report, never for a log. */
export interface FieldDifference {
  /** Null: all fields are equal, but the document as a whole is not as it should be; `source` and `target` say how. */
  readonly field: string | null;
  /** The value, cut to a bounded length; null: there is no such field. */
  readonly source: string | null;
  readonly target: string | null;
}

/** A difference that stood while nothing was changing the row. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly tableId: number;
  /** The source's table. */
  readonly table: TableRef;
  /** The row's key as the ledger has it. */
  readonly key: string;
  /** At least one when `kind` is `different`; else none. */
  readonly fields: readonly FieldDifference[];
}

/**
 * Why nothing can be said about a key. `set_aside`: the lane could not write it, which its failures tell; `pending`:
 * the lane does not get to the changes that stand in the ledger, or the ledger not to those of the source;
 * `changing`: it was changed again during every look.
 */
export type NotCheckedReason = 'set_aside' | 'pending' | 'changing';

export interface NotChecked {
  readonly tableId: number;
  readonly table: TableRef;
  readonly key: string;
  readonly reason: NotCheckedReason;
  /** One sentence for people. */
  readonly message: string;
}

/** `rows` is the sum of `same`, `missing`, `different` and `notChecked`; `extra` rows are not in the source. */
export interface VerifyCounts {
  readonly rows: number;
  readonly same: number;
  /** What a full run would insert. */
  readonly missing: number;
  /** What a full run would change. */
  readonly different: number;
  /** What a full run would remove. */
  readonly extra: number;
  readonly notChecked: number;
}

/**
 * A part of a data set that is verified by itself, in any process. `range`: rows with keys after `from` (null: from the
 * first) up to and with `to` (null: to the last). `extras`: what a target without ranges has and the source has not.
 */
export type VerifyPart =
  | {
      readonly kind: 'range';
      readonly tableId: number;
      readonly from: readonly string[] | null;
      readonly to: readonly string[] | null;
    }
  | { readonly kind: 'extras'; readonly tableId: number };

export type VerifyRange = Extract<VerifyPart, { kind: 'range' }>;

export interface VerifyHooks {
  readonly signal: AbortSignal;
  readonly onDifference: (difference: Difference) => void | Promise<void>;
  readonly onNotChecked: (key: NotChecked) => void | Promise<void>;
  /** After every step, with the counts of this part up to now. */
  readonly onProgress?: (counts: VerifyCounts) => void;
  /** Awaited after every step, with the rows that it compared: where a rate is kept, or a pause. */
  readonly control?: (rows: number) => Promise<void>;
}

/** Where the comparison found keys that are not equal at first sight. */
export interface WalkStep {
  /** Rows of the source that were compared. */
  readonly rows: number;
  /** Those of them that are equal. */
  readonly same: number;
  /** Keys to look at closely; those that only the target has among them. */
  readonly suspects: readonly string[];
}
