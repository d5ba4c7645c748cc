import { encodeKey } from '@astro/sync-core';
import type { CopyBytes } from '../copy-bytes.js';
import { copyValues } from '../copy-line.js';
import type { RowLayout } from './row-layout.js';
import { ROW_KERNEL } from './row-kernel.wasm.js';
import { wasm, type WasmMemory, type WasmModule } from './web-assembly.js';

/** What is written for each row. */
export const KEYS = 1;
export const DOCUMENTS = 2;
export const KEYS_AND_DOCUMENTS = 3;
type What = typeof KEYS | typeof DOCUMENTS | typeof KEYS_AND_DOCUMENTS;

/** What `row-kernel.wat` exports; see there. */
interface Exports {
  readonly memory: WasmMemory;
  readonly describe: (
    ...numbers: [fieldsAt: number, fieldsEnd: number, prefixAt: number, prefixBytes: number, keyField: number]
  ) => void;
  readonly pack: (
    ...numbers: [what: What, from: number, end: number, maxRows: number, out: number, limit: number, placesAt: number]
  ) => [from: number, out: number, rows: number];
}

/** Rows of one table, as COPY text. */
export interface LoadedRows {
  readonly layout: RowLayout;
  readonly bytes: CopyBytes;
  /** No row has more, its newline included. */
  readonly longestRowBytes: number;
}

/** Which of the loaded rows. */
export interface RowRange {
  /** Where the first one starts. */
  readonly from?: number;
  readonly maxRows?: number;
}

export interface PackedRows {
  /** Valid until the kernel is used again. */
  readonly bytes: Buffer;
  readonly rows: number;
  /** Where the next row starts. */
  readonly next: number;
  /** Where the record of each row starts in `bytes`; empty when more than {@link MAX_PLACES} rows were asked for. */
  readonly places: Int32Array;
}

/** Of so many rows the places are noted. */
export const MAX_PLACES = 1000;
const ALL_ROWS = 0x7fffffff;
/** Not 0, which means that no places are wanted. */
const PLACES_AT = 16;
const DESCRIBED_AT = PLACES_AT + MAX_PLACES * 4;
const PAGE_BYTES = 65_536;
/** Up to so much is read and written behind the ends, and lengths and line ends stand around keys and documents. */
const SLACK_BYTES = 128;
/** A control byte becomes six; nothing grows more. */
const MAX_GROWTH = 6;
/** More memory is given up after the rows that needed it: WebAssembly's memory never shrinks. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;
/** Addresses come back from WebAssembly as signed numbers. */
const MAX_BYTES = 2 ** 31 - PAGE_BYTES;
const [TAB, NEWLINE] = [0x09, 0x0a];

/**
 * Packs rows of COPY text into keys and documents as RESP bulk strings (the Redis protocol), in WebAssembly: that is
 * the difference between a copy that waits for this process and one that waits for the databases. The documents are
 * byte for byte those of `DocumentEncoder`; `row-kernel.spec.ts` holds the two against each other.
 *
 * In its memory follow each other: places, the table's description, the rows, and up to the end what is written.
 */
class RowKernel {
  private exports = this.instance();
  private memory = Buffer.from(this.exports.memory.buffer);
  private rows: LoadedRows | null = null;
  private rowsAt = 0;

  /** Takes rows in; they can be packed until the next ones come. */
  load(rows: LoadedRows): void {
    if (this.memory.length > MAX_KEPT_BYTES) this.renew();
    const { layout, bytes } = rows;
    this.rows = rows;
    this.rowsAt = DESCRIBED_AT + layout.describedBytes;
    this.reserve(this.rowsAt + bytes.length + SLACK_BYTES);
    const { fieldsAt, fieldsEnd, prefixAt } = layout.describe(this.memory, DESCRIBED_AT);
    this.exports.describe(fieldsAt, fieldsEnd, prefixAt, layout.prefix.length, layout.keyField);
    bytes.copy(this.memory, this.rowsAt);
  }

  /** @throws {RangeError} when the rows and what becomes of one of them need more than 2 GB */
  pack(what: What, { from = 0, maxRows = ALL_ROWS }: RowRange = {}): PackedRows {
    const end = this.rowsAt + this.loaded().bytes.length;
    const start = end + SLACK_BYTES;
    const rowBytes = this.mostBytes(what);
    const placesAt = maxRows > MAX_PLACES ? 0 : PLACES_AT;
    this.reserve(start + rowBytes);
    let [at, out, rows] = [this.rowsAt + from, start, 0];
    while (at < end && rows < maxRows) {
      if (out > this.memory.length - rowBytes) this.reserve(out + rowBytes + 2 * (end - at));
      const places = placesAt && placesAt + 4 * rows;
      const limit = this.memory.length - rowBytes;
      const [nextAt, nextOut, packed] = this.exports.pack(what, at, end, maxRows - rows, out, limit, places);
      [at, out, rows] = [nextAt, nextOut, rows + packed];
    }
    return {
      bytes: this.memory.subarray(start, out),
      rows,
      next: at - this.rowsAt,
      places: placesAt === 0 ? new Int32Array(0) : this.placesFrom(start, rows),
    };
  }

  private placesFrom(start: number, rows: number): Int32Array {
    return new Int32Array(this.exports.memory.buffer, PLACES_AT, rows).map((place) => place - start);
  }

  /** What one row can become. */
  private mostBytes(what: What): number {
    const { layout, longestRowBytes } = this.loaded();
    const values = (what === KEYS_AND_DOCUMENTS ? 2 : 1) * MAX_GROWTH * longestRowBytes;
    return values + layout.prefix.length + layout.labelBytes + SLACK_BYTES;
  }

  private loaded(): LoadedRows {
    if (!this.rows) throw new Error('no rows were loaded');
    return this.rows;
  }

  /** Keys of several columns, and those that COPY escapes. @returns behind the bulk string */
  private slowKey(row: number, out: number): number {
    const { memory } = this;
    const { layout } = this.loaded();
    const values = copyValues(memory.toString('latin1', row, endOfFields(memory, row, layout.keyFields)));
    const key = encodeKey(layout.keyIndexes.map((i) => values[i] as string));
    let at = out + memory.write(`$${layout.prefix.length + key.length}\r\n`, out, 'latin1');
    at += layout.prefix.copy(memory, at);
    return at + memory.write(`${key}\r\n`, at, 'latin1');
  }

  private reserve(bytes: number): void {
    const missing = bytes - this.memory.length;
    if (missing <= 0) return;
    if (bytes > MAX_BYTES) throw new RangeError('A row is too large: with what it becomes it needs more than 2 GB.');
    this.exports.memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.memory = Buffer.from(this.exports.memory.buffer); // the one before is empty now
  }

  private renew(): void {
    this.exports = this.instance();
    this.memory = Buffer.from(this.exports.memory.buffer);
  }

  private instance(): Exports {
    const slowKey = (row: number, out: number) => this.slowKey(row, out);
    return new wasm.Instance(kernelModule(), { row: { slowKey } }).exports as Exports;
  }
}

/** Where the first `fields` values of the row end. */
function endOfFields(bytes: Buffer, row: number, fields: number): number {
  let at = row;
  for (let left = fields; left > 0; at++) if (bytes[at] === TAB || bytes[at] === NEWLINE) left--;
  return at - 1;
}

let compiled: WasmModule | null = null;

function kernelModule(): WasmModule {
  compiled ??= new wasm.Module(Buffer.from(ROW_KERNEL, 'base64'));
  return compiled;
}

let shared: RowKernel | null = null;

/** The process's only one: each keeps address space of many gigabytes, and none is used by two at once. */
export function rowKernel(): RowKernel {
  shared ??= new RowKernel();
  return shared;
}
