import type { Lsn } from './lsn.js';
import type { Origin } from './origin.js';

/** A table by its names as PostgreSQL stores them: unquoted, case as it is. */
export interface TableRef {
  readonly schema: string;
  readonly name: string;
}

/** `schema.name` for people, logs and `entity_type`; not SQL. */
export function tableName(table: TableRef): string {
  return `${table.schema}.${table.name}`;
}

/** A column of a captured table, in attribute order. */
export interface ColumnRef {
  readonly name: string;
  /** `pg_type.oid` */
  readonly typeOid: number;
}

/**
 * What happened to a row. `relation` is not a row change: it stands where the table's columns changed, so that
 * every lane learns of it in order (W25: such a change can alter rows without a row event).
 */
export type ChangeOp = 'insert' | 'update' | 'delete' | 'truncate' | 'relation';

/** Part of some bytes, from `start` up to `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
  /** True when it is known to hold nothing that text formats escape: no backslash and no control byte. */
  readonly isPlain?: boolean;
}

/**
 * One row change as it goes into the ledger, its texts as ranges of UTF-8 bytes, which are valid only while the change
 * is handed on. Images are documents (see `document.ts`).
 */
export interface LedgerChange {
  /** `ledger_tables.id` */
  readonly tableId: number;
  /** Counts every change of its transaction from 0; with the commit position it identifies the event (W1). */
  readonly seq: number;
  readonly op: ChangeOp;
  readonly bytes: Buffer;
  /** The key after the change ({@link encodeKey}); empty for truncate and relation. */
  readonly key: ByteRange;
  /** The key before the change, only when the change altered it. */
  readonly oldKey: ByteRange | null;
  /** What the source sent of the row before: its identity columns, or all of them under REPLICA IDENTITY FULL. */
  readonly before: ByteRange | null;
  /** The row after; null for delete and truncate. Columns named in `unchanged` stand in their place as null. */
  readonly after: ByteRange | null;
  /** Large columns that the source did not resend (W13, W14): the target keeps its value. Null when there are none. */
  readonly unchanged: readonly string[] | null;
}

/** What all changes of one committed source transaction share. */
export interface LedgerTransaction {
  readonly commitLsn: Lsn;
  /** 32-bit transaction id, as the stream gives it. */
  readonly xid: number;
  /** Microseconds since 2000-01-01 UTC, PostgreSQL's epoch. */
  readonly committedAtUs: bigint;
  readonly changeCount: number;
  readonly origin: Origin;
  /** That of its `TransactionRows`. */
  readonly createdAt: string;
}

/** A table as the ledger knows it. */
export interface CapturedTable {
  readonly id: number;
  readonly table: TableRef;
  /** The columns that identify a row, in key order. */
  readonly keyColumns: readonly string[];
}
