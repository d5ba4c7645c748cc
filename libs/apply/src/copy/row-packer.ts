import { BOOLEAN_OID, NUMBER_OIDS, encodeKey, jsonString, toByteString, type ColumnRef } from '@astro/sync-core';
import { copyValues } from './copy-line.js';
import { MAX_LENGTH_BYTES, lengthBytes, writeLength, writeLineEnd } from './set-command.js';
import type { CopyBytes } from './copy-bytes.js';

const TAB = 0x09;
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const CLOSING_BRACE = 0x7d;
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

/** A control byte becomes six; nothing grows more. */
const MAX_GROWTH = 6;
/** Brackets, quotes, colon and comma around a value. */
const PUNCTUATION_BYTES = 8;

/** 1: the byte stands in a JSON string as it does in COPY text. */
const PLAIN = Uint8Array.from({ length: 256 }, (_none, byte) =>
  byte >= FIRST_PLAIN && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** How a column's values are written. */
interface Field {
  readonly kind: 'text' | 'number' | 'boolean' | 'left out';
  /** The name with what stands before and behind it. */
  readonly label: Buffer;
}

/** What decides how rows of a table become keys and documents. */
export interface PackedTable {
  readonly keyPrefix: string;
  readonly keyColumns: readonly string[];
  /** Columns of the document; null: all. */
  readonly columns: readonly string[] | null;
}

/**
 * Turns rows of COPY text into keys and documents as RESP bulk strings (the Redis protocol), byte by byte, without a
 * string per value: the difference between a copy that waits for this process and one that waits for the databases.
 * The documents are byte for byte those of `DocumentEncoder`; `packed-documents.spec.ts` holds the two against each
 * other.
 */
export abstract class RowPacker {
  private readonly fields: readonly Field[];
  private readonly keyIndexes: readonly number[];
  private readonly keyEnd: number;
  protected readonly prefix: Buffer;
  private readonly fieldStarts: Int32Array;
  /** What is written, up to `at`. */
  protected out: Buffer = Buffer.alloc(0);
  protected at = 0;
  private lengthBytes = MAX_LENGTH_BYTES;
  private readonly labelBytes: number;

  constructor(described: readonly ColumnRef[], table: PackedTable) {
    const { columns, keyColumns, keyPrefix } = table;
    let isFirst = true;
    this.fields = described.map(({ name, typeOid }) => {
      if (columns !== null && !columns.includes(name)) return { kind: 'left out', label: Buffer.alloc(0) };
      const label = `${isFirst ? '{' : ','}${jsonString(toByteString(name))}:`;
      isFirst = false;
      return { kind: kindOf(typeOid), label: Buffer.from(label, 'latin1') };
    });
    this.keyIndexes = keyColumns.map((name) => described.findIndex((column) => column.name === name));
    this.keyEnd = Math.max(...this.keyIndexes) + 1;
    this.labelBytes = this.fields.reduce((sum, { label }) => sum + label.length + PUNCTUATION_BYTES, 0);
    this.prefix = Buffer.from(keyPrefix, 'utf8');
    this.fieldStarts = new Int32Array(this.keyEnd + 1);
  }

  /**
   * Packs the document of the row that starts at `start`. @returns where the next row starts
   * The length goes before the document but is known after it: room is left for as many digits as the document before
   * needed. Rows of a table are alike, so the document seldom has to be moved.
   */
  protected packDocument(bytes: CopyBytes, start: number): number {
    const header = this.at;
    const first = header + this.lengthBytes;
    this.at = first;
    let from = start;
    for (const field of this.fields) from = this.packField(bytes, from, field);
    this.out[this.at++] = CLOSING_BRACE;
    const length = this.at - first;
    const needed = lengthBytes(length);
    const body = header + needed;
    if (needed !== this.lengthBytes) this.out.copyWithin(body, first, this.at);
    this.lengthBytes = needed;
    writeLength(this.out, header, length);
    this.at = writeLineEnd(this.out, body + length);
    return from;
  }

  /** Notes where the values up to the last one of the key start; `fieldStarts[i + 1] - 1` is where value `i` ends. */
  private findKey(bytes: CopyBytes, start: number): void {
    this.fieldStarts[0] = start;
    for (let at = start, field = 1; field <= this.keyEnd; at++) {
      const byte = bytes[at];
      if (byte === TAB || byte === NEWLINE) this.fieldStarts[field++] = at + 1;
    }
  }

  /** Makes room for key and document of a row of this many bytes, whatever they hold. */
  protected reserve(copyBytes: number): void {
    const rowBytes = copyBytes * MAX_GROWTH;
    const needed = this.at + this.prefix.length + this.labelBytes + 2 * rowBytes + 3 * MAX_LENGTH_BYTES;
    if (needed <= this.out.length) return;
    const larger = Buffer.allocUnsafe(needed * 2);
    this.out.copy(larger, 0, 0, this.at);
    this.out = larger;
  }

  /** Packs the key of the row that starts at `start`. */
  protected packKey(bytes: CopyBytes, start: number): void {
    this.findKey(bytes, start);
    const [only = 0] = this.keyIndexes;
    const from = this.fieldStarts[only] as number;
    const to = (this.fieldStarts[only + 1] as number) - 1;
    const isPlain = this.keyIndexes.length === 1 && isPlainText(bytes, from, to);
    const slow = isPlain ? null : this.slowKey(bytes);
    const length = this.prefix.length + (slow === null ? to - from : slow.length);
    this.at = writeLength(this.out, this.at, length);
    this.put(this.prefix, 0, this.prefix.length);
    if (slow === null) this.put(bytes, from, to);
    else this.at += this.out.write(slow, this.at, 'latin1');
    this.at = writeLineEnd(this.out, this.at);
  }

  private slowKey(bytes: CopyBytes): string {
    const end = (this.fieldStarts[this.keyEnd] as number) - 1;
    const values = copyValues(bytes.toString('latin1', this.fieldStarts[0], end));
    return encodeKey(this.keyIndexes.map((i) => values[i] as string));
  }

  /** @returns where the next value starts, or the next row */
  private packField(bytes: CopyBytes, start: number, { kind, label }: Field): number {
    if (kind === 'left out') return endOfValue(bytes, start) + 1;
    this.put(label, 0, label.length);
    if (kind === 'text' && bytes[start] !== BACKSLASH) return this.packText(bytes, start);
    const end = endOfValue(bytes, start);
    if (end - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === LETTER_N) this.put(NULL, 0, 4);
    else if (kind === 'text') this.packText(bytes, start);
    else if (kind === 'number') this.put(bytes, start, end);
    else if (bytes[start] === LETTER_T) this.put(TRUE, 0, TRUE.length);
    else this.put(FALSE, 0, FALSE.length);
    return end + 1;
  }

  /** @returns behind the value and what ends it */
  private packText(bytes: CopyBytes, start: number): number {
    const { out } = this;
    let { at } = this;
    let i = start;
    out[at++] = QUOTE;
    for (;;) {
      const byte = bytes[i++] as number;
      if (PLAIN[byte] === 1) {
        out[at++] = byte;
        continue;
      }
      if (byte === TAB || byte === NEWLINE) break;
      this.at = at;
      if (byte === BACKSLASH) this.packEscape(bytes[i++] as number);
      else this.packSpecial(byte);
      at = this.at;
    }
    out[at++] = QUOTE;
    this.at = at;
    return i;
  }

  /** COPY and JSON write backspace, form feed, newline, return, tab and backslash alike. */
  private packEscape(byte: number): void {
    if (byte === LETTER_V) return this.put(VERTICAL_TAB, 0, VERTICAL_TAB.length);
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

  /** Byte by byte: what goes through here is short, and a call out of JavaScript costs more than that. */
  private put(bytes: Buffer, start: number, end: number): void {
    const { out } = this;
    let { at } = this;
    for (let i = start; i < end; i++) out[at++] = bytes[i] as number;
    this.at = at;
  }
}

function isPlainText(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === BACKSLASH) return false;
  return true;
}

/** Where the value ends: at a tab or newline, which inside a value are always escaped. */
function endOfValue(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] !== TAB && bytes[at] !== NEWLINE) at++;
  return at;
}

function kindOf(typeOid: number): Field['kind'] {
  if (typeOid === BOOLEAN_OID) return 'boolean';
  return NUMBER_OIDS.has(typeOid) ? 'number' : 'text';
}
