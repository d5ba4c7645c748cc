import { BOOLEAN_OID, NUMBER_OIDS, encodeKey, jsonString, toByteString, type ColumnRef } from '@astro/sync-core';
import { copyValues } from './copy-line.js';
import { HEAD_BYTES, MAX_LENGTH_BYTES, lengthOfLength, withHead, writeLength, writeLineEnd } from './set-command.js';
import type { CopyBytes } from './copy-bytes.js';

const TAB = 0x09;
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const BACKSLASH = 0x5c;
const FIRST_PLAIN = 0x20;
const LETTER_N = 0x4e;
const LETTER_T = 0x74;
const LETTER_V = 0x76;
const NO_MEMORY: Buffer = Buffer.alloc(0);
const HEX = Buffer.from('0123456789abcdef');
const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const VERTICAL_TAB = Buffer.from('\\u000b');

/** A control byte becomes six; nothing grows more. */
const MAX_GROWTH = 6;
/** Brackets, quotes, colon and comma around a value. */
const PUNCTUATION_BYTES = 8;

/**
 * Turns COPY text straight into one MSET command (see `SetCommand`), byte by byte, without a string per value: the
 * difference between a copy that waits for this process and one that waits for the databases. The documents are
 * byte for byte those of `DocumentEncoder`; `packed-documents.spec.ts` holds the two against each other.
 */
export class PackedDocuments {
  private readonly labels: readonly Buffer[];
  private readonly chosen: readonly number[];
  private readonly keyIndexes: readonly number[];
  private readonly prefix: Buffer;
  private readonly starts: Int32Array;
  private out: Buffer = NO_MEMORY;
  private at = 0;
  /** What the length of the last document took, line end included. */
  private lengthBytes = MAX_LENGTH_BYTES;

  /** @param table `columns` of the document; null: all */
  constructor(
    private readonly described: readonly ColumnRef[],
    table: {
      readonly keyPrefix: string;
      readonly keyColumns: readonly string[];
      readonly columns: readonly string[] | null;
    },
  ) {
    const { columns } = table;
    this.labels = described.map(({ name }) => Buffer.from(`${jsonString(toByteString(name))}:`, 'latin1'));
    this.chosen = described.flatMap(({ name }, i) => (columns === null || columns.includes(name) ? [i] : []));
    this.keyIndexes = table.keyColumns.map((name) => described.findIndex((column) => column.name === name));
    this.prefix = Buffer.from(table.keyPrefix, 'utf8');
    this.starts = new Int32Array(described.length + 1);
  }

  /**
   * Null when there is no row.
   * @param memory is used for the result when it is large enough
   */
  pack(bytes: CopyBytes, memory: Buffer = NO_MEMORY): Buffer | null {
    const expectedBytes = bytes.length * 2 + 65_536;
    this.out = memory.length >= expectedBytes ? memory : Buffer.allocUnsafeSlow(expectedBytes);
    this.at = HEAD_BYTES;
    let pairs = 0;
    for (let start = 0; start < bytes.length; pairs++) start = this.packRow(bytes, start);
    const packed = withHead(this.out, this.at, pairs);
    this.out = NO_MEMORY;
    return packed;
  }

  /** @returns where the next row starts */
  private packRow(bytes: CopyBytes, start: number): number {
    const end = this.findFields(bytes, start);
    this.reserve((end - start) * MAX_GROWTH);
    this.packKey(bytes);
    this.packDocument(bytes);
    return end;
  }

  /**
   * The length goes before the document but is known after it: as much room is left for it as the last one took, which
   * mostly is right, and the document moves when it is not.
   */
  private packDocument(bytes: CopyBytes): void {
    const header = this.at;
    const start = header + this.lengthBytes;
    this.at = start;
    for (let i = 0; i < this.chosen.length; i++) this.packField(bytes, this.chosen[i] as number, i === 0);
    this.out[this.at++] = CLOSING_BRACE;
    const length = this.at - start;
    this.lengthBytes = lengthOfLength(length);
    const body = header + this.lengthBytes;
    if (body !== start) this.out.copyWithin(body, start, this.at);
    writeLength(this.out, header, length);
    this.at = writeLineEnd(this.out, body + length);
  }

  /** Notes where each value starts; `starts[i + 1] - 1` is where value `i` ends. */
  private findFields(bytes: CopyBytes, start: number): number {
    let at = start;
    this.starts[0] = start;
    for (let field = 1; ; at++) {
      const byte = bytes[at];
      if (byte !== TAB && byte !== NEWLINE) continue;
      this.starts[field++] = at + 1;
      if (byte === NEWLINE) return at + 1;
    }
  }

  private reserve(rowBytes: number): void {
    const labels = this.labels.reduce((sum, label) => sum + label.length + PUNCTUATION_BYTES, 0);
    const needed = this.at + this.prefix.length + labels + 2 * rowBytes + 3 * MAX_LENGTH_BYTES;
    if (needed <= this.out.length) return;
    const larger = Buffer.allocUnsafe(needed * 2);
    this.out.copy(larger, 0, 0, this.at);
    this.out = larger;
  }

  private packKey(bytes: CopyBytes): void {
    const [only = 0] = this.keyIndexes;
    const start = this.starts[only] as number;
    const end = (this.starts[only + 1] as number) - 1;
    const isPlain = this.keyIndexes.length === 1 && !hasBackslash(bytes, start, end);
    const slow = isPlain ? null : this.slowKey(bytes);
    const length = this.prefix.length + (slow === null ? end - start : slow.length);
    this.at = writeLength(this.out, this.at, length);
    this.copy(this.prefix, 0, this.prefix.length);
    if (slow === null) this.copy(bytes, start, end);
    else this.at += this.out.write(slow, this.at, 'latin1');
    this.at = writeLineEnd(this.out, this.at);
  }

  private slowKey(bytes: CopyBytes): string {
    const rowEnd = (this.starts[this.described.length] as number) - 1;
    const values = copyValues(bytes.toString('latin1', this.starts[0], rowEnd));
    return encodeKey(this.keyIndexes.map((i) => values[i] as string));
  }

  private packField(bytes: CopyBytes, index: number, isFirst: boolean): void {
    this.out[this.at++] = isFirst ? OPENING_BRACE : COMMA;
    this.add(this.labels[index] as Buffer);
    const start = this.starts[index] as number;
    const end = (this.starts[index + 1] as number) - 1;
    const { typeOid } = this.described[index] as ColumnRef;
    if (end - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === LETTER_N) this.add(NULL);
    else if (typeOid === BOOLEAN_OID) this.add(bytes[start] === LETTER_T ? TRUE : FALSE);
    else if (NUMBER_OIDS.has(typeOid)) this.copy(bytes, start, end);
    else this.packText(bytes, start, end);
  }

  private packText(bytes: CopyBytes, start: number, end: number): void {
    const { out } = this;
    let { at } = this;
    out[at++] = QUOTE;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte >= FIRST_PLAIN && byte !== QUOTE && byte !== BACKSLASH) {
        out[at++] = byte;
        continue;
      }
      this.at = at;
      if (byte === BACKSLASH) this.packEscape(bytes[++i] as number);
      else this.packSpecial(byte);
      at = this.at;
    }
    out[at++] = QUOTE;
    this.at = at;
  }

  /** COPY and JSON write backspace, form feed, newline, return, tab and backslash alike. */
  private packEscape(byte: number): void {
    if (byte === LETTER_V) return this.add(VERTICAL_TAB);
    this.out[this.at++] = BACKSLASH;
    this.out[this.at++] = byte;
  }

  private packSpecial(byte: number): void {
    this.out[this.at++] = BACKSLASH;
    if (byte === QUOTE) {
      this.out[this.at++] = QUOTE;
      return;
    }
    this.at += this.out.write('u00', this.at, 'latin1');
    this.out[this.at++] = HEX[byte >> 4] as number;
    this.out[this.at++] = HEX[byte & 15] as number;
  }

  private add(text: Buffer): void {
    this.copy(text, 0, text.length);
  }

  /** For short pieces: byte by byte is faster than a call, and leaves nothing to collect. */
  private copy(source: Buffer, start: number, end: number): void {
    const { out } = this;
    let { at } = this;
    for (let i = start; i < end; i++) out[at++] = source[i] as number;
    this.at = at;
  }
}

function hasBackslash(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === BACKSLASH) return true;
  return false;
}
