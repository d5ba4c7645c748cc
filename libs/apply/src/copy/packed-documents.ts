import { encodeKey, jsonString, toByteString, type ColumnRef } from '@astro/sync-core';
import { copyValues } from './copy-line.js';
import type { CopyBytes } from './copy-bytes.js';

const TAB = 0x09;
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const FIRST_PLAIN = 0x20;
const LETTER_N = 0x4e;
const LETTER_T = 0x74;
const LETTER_V = 0x76;
const HEX = Buffer.from('0123456789abcdef');
const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const VERTICAL_TAB = Buffer.from('\\u000b');

const BOOLEAN_OID = 16;
const NUMBER_OIDS = new Set([21, 23]);
/** A control byte becomes six; nothing grows more. */
const MAX_GROWTH = 6;
const HEADER_BYTES = 8;

/**
 * Turns COPY text straight into packed writes (see `PackedOps`), byte by byte, without a string per value: the
 * difference between a copy that waits for this process and one that waits for the databases. The documents are
 * byte for byte those of `DocumentEncoder`; `packed-documents.spec.ts` holds the two against each other.
 */
export class PackedDocuments {
  private readonly labels: readonly Buffer[];
  private readonly chosen: readonly number[];
  private readonly keyIndexes: readonly number[];
  private readonly prefix: Buffer;
  private readonly starts: Int32Array;
  private out = Buffer.alloc(0);
  private at = 0;

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
    this.labels = described.map(({ name }) => Buffer.from(jsonString(toByteString(name)), 'latin1'));
    this.chosen = described.flatMap(({ name }, i) => (columns === null || columns.includes(name) ? [i] : []));
    this.keyIndexes = table.keyColumns.map((name) => described.findIndex((column) => column.name === name));
    this.prefix = Buffer.from(table.keyPrefix, 'utf8');
    this.starts = new Int32Array(described.length + 1);
  }

  pack(bytes: CopyBytes): Buffer {
    this.out = Buffer.allocUnsafe(bytes.length * 2 + 65_536);
    this.at = 0;
    for (let start = 0; start < bytes.length;) start = this.packRow(bytes, start);
    const packed = this.out.subarray(0, this.at);
    this.out = Buffer.alloc(0);
    return packed;
  }

  /** @returns where the next row starts */
  private packRow(bytes: CopyBytes, start: number): number {
    const end = this.findFields(bytes, start);
    this.reserve((end - start) * MAX_GROWTH);
    this.packKey(bytes);
    const header = this.at;
    this.at += 4;
    for (let i = 0; i < this.chosen.length; i++) this.packField(bytes, this.chosen[i] as number, i === 0);
    this.out[this.at++] = 0x7d; // }
    this.out.writeUInt32BE(this.at - header - 4, header);
    return end;
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
    const labels = this.labels.reduce((sum, label) => sum + label.length + HEADER_BYTES, 0);
    const needed = this.at + this.prefix.length + labels + 2 * rowBytes + 2 * HEADER_BYTES;
    if (needed <= this.out.length) return;
    const larger = Buffer.allocUnsafe(needed * 2);
    this.out.copy(larger, 0, 0, this.at);
    this.out = larger;
  }

  private packKey(bytes: CopyBytes): void {
    const header = this.at;
    this.at += 4;
    this.at += this.prefix.copy(this.out, this.at);
    const [only] = this.keyIndexes;
    const start = this.starts[only ?? 0] as number;
    const end = (this.starts[(only ?? 0) + 1] as number) - 1;
    const isPlain = this.keyIndexes.length === 1 && bytes.subarray(start, end).indexOf(BACKSLASH) === -1;
    this.at += isPlain
      ? bytes.copy(this.out, this.at, start, end)
      : this.out.write(this.slowKey(bytes), this.at, 'latin1');
    this.out.writeUInt32BE(this.at - header - 4, header);
  }

  private slowKey(bytes: CopyBytes): string {
    const rowEnd = (this.starts[this.described.length] as number) - 1;
    const values = copyValues(bytes.toString('latin1', this.starts[0], rowEnd));
    return encodeKey(this.keyIndexes.map((i) => values[i] as string));
  }

  private packField(bytes: CopyBytes, index: number, isFirst: boolean): void {
    this.out[this.at++] = isFirst ? 0x7b : COMMA; // {
    this.at += (this.labels[index] as Buffer).copy(this.out, this.at);
    this.out[this.at++] = COLON;
    const start = this.starts[index] as number;
    const end = (this.starts[index + 1] as number) - 1;
    const { typeOid } = this.described[index] as ColumnRef;
    if (end - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === LETTER_N) this.add(NULL);
    else if (typeOid === BOOLEAN_OID) this.add(bytes[start] === LETTER_T ? TRUE : FALSE);
    else if (NUMBER_OIDS.has(typeOid)) this.at += bytes.copy(this.out, this.at, start, end);
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
    this.at += text.copy(this.out, this.at);
  }
}
