import { BOOLEAN_OID, NUMBER_OIDS, jsonString, toByteString, type ColumnRef } from '@astro/sync-core';

/** What decides how rows of a table become keys and documents. */
export interface PackedTable {
  /** A document's key is this and the row's key. */
  readonly keyPrefix: string;
  readonly keyColumns: readonly string[];
  /** Columns of the document; null: all. */
  readonly columns: readonly string[] | null;
}

/** As `row-kernel.wat` names them. */
const KINDS = { leftOut: 0, text: 1, number: 2, boolean: 3 } as const;
const FIELD_BYTES = 12;
/** The kernel copies labels 16 bytes at a time. */
const STEP_BYTES = 16;
/** Brackets, quotes, colon and comma around a value. */
const PUNCTUATION_BYTES = 8;

/** How the kernel is told of a table. */
export interface Description {
  readonly fieldsAt: number;
  readonly fieldsEnd: number;
  readonly prefixAt: number;
}

/** Where each column of COPY text goes in key and document. */
export class RowLayout {
  /** Of the key, in its order. */
  readonly keyIndexes: readonly number[];
  readonly prefix: Buffer;
  /** What a document has at most besides its values. */
  readonly labelBytes: number;
  private readonly fields: readonly { readonly kind: number; readonly label: Buffer }[];

  constructor(described: readonly ColumnRef[], { columns, keyColumns, keyPrefix }: PackedTable) {
    let isFirst = true;
    this.fields = described.map(({ name, typeOid }) => {
      if (columns !== null && !columns.includes(name)) return { kind: KINDS.leftOut, label: Buffer.alloc(0) };
      const label = `${isFirst ? '{' : ','}${jsonString(toByteString(name))}:`;
      isFirst = false;
      return { kind: kindOf(typeOid), label: Buffer.from(label, 'latin1') };
    });
    this.keyIndexes = keyColumns.map((name) => described.findIndex((column) => column.name === name));
    this.labelBytes = this.fields.reduce((sum, { label }) => sum + label.length + PUNCTUATION_BYTES, 0);
    this.prefix = Buffer.from(keyPrefix, 'utf8');
  }

  /** The field that is the whole key; -1: it has several. */
  get keyField(): number {
    const [only = -1, ...others] = this.keyIndexes;
    return others.length === 0 ? only : -1;
  }

  /** So many fields of a row hold its whole key. */
  get keyFields(): number {
    return Math.max(...this.keyIndexes) + 1;
  }

  /** What {@link describe} needs. */
  get describedBytes(): number {
    const labels = this.fields.reduce((sum, { label }) => sum + padded(label.length), 0);
    return this.fields.length * FIELD_BYTES + labels + padded(this.prefix.length);
  }

  /** Writes the description to `memory` from `start` on. */
  describe(memory: Buffer, start: number): Description {
    const fieldsEnd = start + this.fields.length * FIELD_BYTES;
    let at = fieldsEnd;
    this.fields.forEach(({ kind, label }, i) => {
      const field = start + i * FIELD_BYTES;
      memory.writeUInt32LE(kind, field);
      memory.writeUInt32LE(at, field + 4);
      memory.writeUInt32LE(label.length, field + 8);
      label.copy(memory, at);
      at += padded(label.length);
    });
    this.prefix.copy(memory, at);
    return { fieldsAt: start, fieldsEnd, prefixAt: at };
  }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / STEP_BYTES) * STEP_BYTES;
}

function kindOf(typeOid: number): number {
  if (typeOid === BOOLEAN_OID) return KINDS.boolean;
  return NUMBER_OIDS.has(typeOid) ? KINDS.number : KINDS.text;
}
