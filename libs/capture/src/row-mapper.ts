import {
  DecodeError,
  DocumentEncoder,
  encodeKey,
  tableName,
  type ByteString,
  type CapturedTable,
  type ChangeOp,
  type LedgerChange,
} from '@astro/sync-core';
import type { Delete, Insert, Relation, TupleValues, Update } from '@astro/pgoutput';

/** Turns the rows of one relation into ledger changes. Built once per Relation message. */
export class RowMapper {
  private readonly encoder: DocumentEncoder<ByteString>;
  private readonly keyIndexes: readonly number[];

  private constructor(
    private readonly tableId: number,
    private readonly relation: Relation,
    keyIndexes: readonly number[],
  ) {
    this.encoder = DocumentEncoder.forBytes(relation.columns);
    this.keyIndexes = keyIndexes;
  }

  /** @returns null when the relation has lost a key column: its rows can no longer be told apart */
  static create(table: CapturedTable, relation: Relation): RowMapper | null {
    const indexes = table.keyColumns.map((name) => relation.columns.findIndex((column) => column.name === name));
    return indexes.includes(-1) ? null : new RowMapper(table.id, relation, indexes);
  }

  insert(message: Insert, seq: number): LedgerChange {
    const key = this.known(this.key(message.after));
    const after = this.encoder.encode(message.after);
    return { tableId: this.tableId, seq, op: 'insert', key, oldKey: null, before: null, after, unchanged: null };
  }

  update(message: Update, seq: number): LedgerChange {
    const { before } = message;
    const after = before?.kind === 'full' ? fill(message.after, before.values) : message.after;
    const beforeKey = before === null ? null : this.key(before.values);
    const key = this.known(this.key(after) ?? beforeKey); // an unchanged large key is in the old row only
    const unchanged = this.unchanged(after);
    return {
      tableId: this.tableId,
      seq,
      op: 'update',
      key,
      oldKey: beforeKey !== null && beforeKey !== key ? beforeKey : null,
      before: before === null ? null : this.before(before),
      after: this.encoder.encode(unchanged === null ? after : after.map((value) => value ?? null)),
      unchanged,
    };
  }

  delete(message: Delete, seq: number): LedgerChange {
    const key = this.known(this.key(message.before.values));
    const before = this.before(message.before);
    return { tableId: this.tableId, seq, op: 'delete', key, oldKey: null, before, after: null, unchanged: null };
  }

  /** A change that concerns the table as a whole. */
  table(op: ChangeOp, seq: number): LedgerChange {
    return tableChange(this.tableId, seq, op);
  }

  /** The preflight lets only keys pass that the stream carries; without one the change could not be told apart. */
  private known(key: ByteString | null): ByteString {
    if (key !== null) return key;
    throw new DecodeError(
      `A change of ${tableName(this.relation.table)} came without its key; check its replica identity.`,
    );
  }

  /** Null when a key value was not resent, or is not part of what was sent of the old row. */
  private key(values: TupleValues): ByteString | null {
    if (this.keyIndexes.length === 1) return (values[this.keyIndexes[0] as number] ?? null) as ByteString | null;
    const texts: string[] = [];
    for (const index of this.keyIndexes) {
      const value = values[index];
      if (value === null || value === undefined) return null;
      texts.push(value);
    }
    return encodeKey(texts) as ByteString;
  }

  /** Under a partial identity the other columns read as null but are merely absent (W14). */
  private before({ kind, values }: Delete['before']): ByteString {
    if (kind === 'full') return this.encoder.encode(values);
    const { columns } = this.relation;
    return this.encoder.encode(values.map((value, i) => (columns[i]?.identity ? value : undefined)));
  }

  private unchanged(values: TupleValues): readonly string[] | null {
    if (!values.includes(undefined)) return null;
    return this.relation.columns.filter((_column, i) => values[i] === undefined).map((column) => column.name);
  }
}

export function tableChange(tableId: number, seq: number, op: ChangeOp): LedgerChange {
  return { tableId, seq, op, key: '' as ByteString, oldKey: null, before: null, after: null, unchanged: null };
}

/** Under REPLICA IDENTITY FULL a value that was not resent stands in the old row (W14). */
function fill(after: TupleValues, before: TupleValues): TupleValues {
  return after.includes(undefined) ? after.map((value, i) => (value === undefined ? before[i] : value)) : after;
}
