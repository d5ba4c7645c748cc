import { NULL_VALUE, UNCHANGED, type Tuple } from '@astro/pgoutput';
import { BOOLEAN_OID, NUMBER_OIDS, jsonString, toByteString, type ColumnRef } from '@astro/sync-core';
import type { SlabWriter } from '@astro/runtime';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PLAIN = 0x20;
const LETTER_T = 0x74;

/** Bytes that JSON writes otherwise, by their value. */
const ESCAPES = Array.from({ length: BACKSLASH + 1 }, (_, byte) => jsonString(String.fromCharCode(byte)).slice(1, -1));

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

  constructor(columns: readonly ColumnRef[]) {
    this.labels = columns.map(({ name }) => Buffer.from(`,${jsonString(toByteString(name))}:`, 'latin1'));
    this.kinds = columns.map(({ typeOid }) => kindOf(typeOid));
  }

  /**
   * @param only columns to write; null: all
   * @param unchangedAs what stands for a value that was not resent; `absent` leaves the column out
   */
  write(
    out: SlabWriter,
    row: Tuple,
    { only, unchangedAs }: { readonly only: readonly boolean[] | null; readonly unchangedAs: 'null' | 'absent' },
  ): void {
    let isFirst = true;
    out.addLatin1('{');
    for (let i = 0; i < this.labels.length; i++) {
      const isAbsent = unchangedAs === 'absent' && row.length(i) === UNCHANGED;
      if (isAbsent || (only !== null && only[i] !== true)) continue;
      const label = this.labels[i] as Buffer;
      out.add(label, isFirst ? 1 : 0, label.length);
      this.writeValue(out, row, i);
      isFirst = false;
    }
    out.addLatin1('}');
  }

  private writeValue(out: SlabWriter, row: Tuple, index: number): void {
    const length = row.length(index);
    const start = row.starts[index] as number;
    const kind = this.kinds[index] as ValueKind;
    if (length === NULL_VALUE || length === UNCHANGED) out.addLatin1('null');
    else if (kind === 'number') out.add(row.bytes, start, start + length);
    else if (kind === 'boolean') out.addLatin1(row.bytes[start] === LETTER_T ? 'true' : 'false');
    else writeText(out, row.bytes, [start, start + length]);
  }
}

function kindOf(typeOid: number): ValueKind {
  if (typeOid === BOOLEAN_OID) return 'boolean';
  return NUMBER_OIDS.has(typeOid) ? 'number' : 'text';
}

function writeText(out: SlabWriter, bytes: Buffer, [start, end]: readonly [number, number]): void {
  let written = start;
  out.addByte(QUOTE);
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte >= FIRST_PLAIN && byte !== QUOTE && byte !== BACKSLASH) continue;
    out.add(bytes, written, i);
    out.addLatin1(ESCAPES[byte] as string);
    written = i + 1;
  }
  out.add(bytes, written, end);
  out.addByte(QUOTE);
}
