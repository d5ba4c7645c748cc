import { NULL_VALUE, UNCHANGED, type Tuple } from '@astro/pgoutput';
import { BOOLEAN_OID, NUMBER_OIDS, jsonString, toByteString, type ByteRange, type ColumnRef } from '@astro/sync-core';
import { Escapes, type SlabWriter } from '@astro/runtime';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PLAIN = 0x20;
const LETTER_T = 0x74;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Bytes that JSON writes otherwise. */
const ESCAPES = new Escapes(
  Array.from({ length: 256 }, (_none, byte) => {
    const isPlain = byte >= FIRST_PLAIN && byte !== QUOTE && byte !== BACKSLASH;
    return isPlain ? undefined : jsonString(String.fromCharCode(byte)).slice(1, -1);
  }),
);

/** How a value is written; `text` is a JSON string. */
type ValueKind = 'boolean' | 'number' | 'text';

/**
 * Writes rows of one table as documents, byte for byte those of `DocumentEncoder` (P7), straight from the bytes of the
 * stream: no string per value. Built once per Relation message.
 */
export class DocumentWriter {
  /** The quoted name and a colon, after a comma. */
  private readonly labels: readonly Buffer[];
  private readonly kinds: readonly ValueKind[];
  private readonly hasPlainLabels: boolean;
  /** Where the value that is being written stands; one for all of them. */
  private readonly range = { start: 0, end: 0 };

  constructor(columns: readonly ColumnRef[]) {
    this.labels = columns.map(({ name }) => Buffer.from(`,${jsonString(toByteString(name))}:`, 'latin1'));
    this.kinds = columns.map(({ typeOid }) => kindOf(typeOid));
    this.hasPlainLabels = !this.labels.some((label) => label.includes(BACKSLASH));
  }

  /**
   * @param only columns to write; null: all
   * @param unchangedAs what stands for a value that was not resent; `absent` leaves the column out
   * @returns where the document stands in what `out` holds
   */
  write(
    out: SlabWriter,
    row: Tuple,
    { only, unchangedAs }: { readonly only: readonly boolean[] | null; readonly unchangedAs: 'null' | 'absent' },
  ): ByteRange {
    const start = out.length;
    const { escaped } = out;
    let isFirst = true;
    out.addByte(OPENING_BRACE);
    for (let i = 0; i < this.labels.length; i++) {
      const isAbsent = unchangedAs === 'absent' && row.length(i) === UNCHANGED;
      if (isAbsent || (only !== null && only[i] !== true)) continue;
      const label = this.labels[i] as Buffer;
      out.add(label, isFirst ? 1 : 0, label.length);
      this.writeValue(out, row, i);
      isFirst = false;
    }
    out.addByte(CLOSING_BRACE);
    return { start, end: out.length, isPlain: this.hasPlainLabels && out.escaped === escaped };
  }

  private writeValue(out: SlabWriter, row: Tuple, index: number): void {
    const length = row.length(index);
    const start = row.starts[index] as number;
    const kind = this.kinds[index] as ValueKind;
    if (length === NULL_VALUE || length === UNCHANGED) out.addLatin1('null');
    else if (kind === 'number') out.add(row.bytes, start, start + length);
    else if (kind === 'boolean') out.addLatin1(row.bytes[start] === LETTER_T ? 'true' : 'false');
    else {
      this.range.start = start;
      this.range.end = start + length;
      out.addByte(QUOTE);
      out.addEscaped(row.bytes, this.range, ESCAPES);
      out.addByte(QUOTE);
    }
  }
}

function kindOf(typeOid: number): ValueKind {
  if (typeOid === BOOLEAN_OID) return 'boolean';
  return NUMBER_OIDS.has(typeOid) ? 'number' : 'text';
}
