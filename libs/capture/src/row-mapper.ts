import {
  DecodeError,
  assertNever,
  encodeKey,
  tableName,
  type ByteRange,
  type CapturedTable,
  type ChangeOp,
  type LedgerChange,
  type ColumnRef,
} from '@astro/sync-core';
import { UNCHANGED, type Delete, type Insert, type Relation, type Tuple, type Update } from '@astro/pgoutput';
import type { SlabWriter } from '@astro/runtime';
import { DocumentWriter } from './document-writer.js';

const NO_BYTES = Buffer.alloc(0);
const INSERTED = { only: null, unchangedAs: 'absent' } as const;
/** The names of what was not resent travel beside the document. */
const UPDATED = { only: null, unchangedAs: 'null' } as const;

export interface MappedTable {
  readonly table: CapturedTable;
  readonly relation: Relation;
  /** Where changes are put together; a change is valid until the next one. */
  readonly scratch: SlabWriter;
}

/** Turns the rows of one relation into ledger changes. Built once per Relation message. */
export class RowMapper {
  private readonly documents: DocumentWriter;
  private readonly tableId: number;
  private readonly relation: Relation;
  private readonly out: SlabWriter;
  /** Columns of the replica identity. */
  private readonly identity: readonly boolean[];

  private constructor(
    { table, relation, scratch }: MappedTable,
    private readonly keyIndexes: readonly number[],
  ) {
    this.tableId = table.id;
    this.relation = relation;
    this.out = scratch;
    this.documents = new DocumentWriter(relation.columns);
    this.identity = relation.columns.map((column) => column.identity);
  }

  /**
   * @returns null when the stream does not carry every key column of an old row any more, because the column is gone or
   * not part of the replica identity (W15): the table's rows can no longer be told apart
   */
  static create(mapped: MappedTable): RowMapper | null {
    const { table, relation } = mapped;
    const indexes = table.keyColumns.map((name) =>
      relation.columns.findIndex((column) => column.name === name && column.identity),
    );
    return indexes.includes(-1) ? null : new RowMapper(mapped, indexes);
  }

  /** @throws {DecodeError} when the change has no key */
  row(message: Insert | Update | Delete, seq: number): LedgerChange {
    switch (message.kind) {
      case 'insert':
        return this.insert(message, seq);
      case 'update':
        return this.update(message, seq);
      case 'delete':
        return this.delete(message, seq);
      default:
        return assertNever(message);
    }
  }

  private insert({ after }: Insert, seq: number): LedgerChange {
    const key = this.begin(after);
    const document = this.documents.write(this.out, after, INSERTED);
    return { ...this.change(seq, 'insert'), key, after: document };
  }

  private update({ before, after }: Update, seq: number): LedgerChange {
    if (before?.kind === 'full') fill(after, before.values);
    const { out } = this;
    const hasKey = this.hasKey(after);
    const key = this.begin(hasKey || before === null ? after : before.values); // an unchanged large key is in the old row only
    const oldKey = before !== null && hasKey && this.hasKey(before.values) ? this.writeKey(before.values) : null;
    const old = before === null ? null : this.writeBefore(before);
    const document = this.documents.write(out, after, UPDATED);
    return {
      tableId: this.tableId,
      seq,
      op: 'update',
      bytes: out.bytes,
      key,
      oldKey: oldKey !== null && !isSame(out.bytes, key, oldKey) ? oldKey : null,
      before: old,
      after: document,
      unchanged: this.unchanged(after),
    };
  }

  private delete({ before }: Delete, seq: number): LedgerChange {
    const key = this.begin(before.values);
    const row = this.writeBefore(before);
    return { ...this.change(seq, 'delete'), key, before: row };
  }

  /** A change that concerns the table as a whole. */
  table(op: ChangeOp, seq: number): LedgerChange {
    return tableChange(this.tableId, seq, op);
  }

  /**
   * Begins a change with its key. The preflight lets only keys pass that the stream
   * carries; without one the change could not be told apart.
   */
  private begin(row: Tuple): ByteRange {
    this.out.discard();
    if (this.hasKey(row)) return this.writeKey(row);
    throw new DecodeError(
      `A change of ${tableName(this.relation.table)} came without its key; check its replica identity.`,
    );
  }

  /** False when a key value was not resent, or is not part of what was sent of the old row. */
  private hasKey(row: Tuple): boolean {
    for (const index of this.keyIndexes) if (row.length(index) < 0) return false;
    return true;
  }

  private writeKey(row: Tuple): ByteRange {
    const start = this.out.length;
    const [only = 0] = this.keyIndexes;
    if (this.keyIndexes.length > 1) {
      this.out.addLatin1(encodeKey(this.keyIndexes.map((index) => row.text(index) ?? '')));
    } else {
      const from = row.starts[only] as number;
      this.out.add(row.bytes, from, from + row.length(only));
    }
    return this.rangeFrom(start);
  }

  /** Under a partial identity the other columns read as null but are merely absent (W14). */
  private writeBefore({ kind, values }: Delete['before']): ByteRange {
    const only = kind === 'full' ? null : this.identity;
    return this.documents.write(this.out, values, { only, unchangedAs: 'absent' });
  }

  private rangeFrom(start: number): ByteRange {
    return { start, end: this.out.length };
  }

  /** Call it when everything is written. */
  private change(seq: number, op: ChangeOp): LedgerChange {
    return { ...tableChange(this.tableId, seq, op), bytes: this.out.bytes };
  }

  private unchanged(row: Tuple): readonly string[] | null {
    let names: string[] | null = null;
    const { columns } = this.relation;
    for (let i = 0; i < columns.length; i++) {
      if (row.length(i) === UNCHANGED) (names ??= []).push((columns[i] as ColumnRef).name);
    }
    return names;
  }
}

export function tableChange(tableId: number, seq: number, op: ChangeOp): LedgerChange {
  const key = { start: 0, end: 0 };
  return { tableId, seq, op, bytes: NO_BYTES, key, oldKey: null, before: null, after: null, unchanged: null };
}

function isSame(bytes: Buffer, a: ByteRange, b: ByteRange): boolean {
  return bytes.compare(bytes, a.start, a.end, b.start, b.end) === 0;
}

/** Under REPLICA IDENTITY FULL a value that was not resent stands in the old row, in the same message (W14). */
function fill(after: Tuple, before: Tuple): void {
  for (let i = 0; i < after.count; i++) {
    if (after.lengths[i] !== UNCHANGED) continue;
    after.lengths[i] = before.length(i);
    after.starts[i] = before.starts[i] as number;
  }
}
