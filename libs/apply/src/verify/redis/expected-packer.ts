import type { ColumnRef } from '@astro/sync-core';
import type { JoinedCopyData } from '@astro/runtime';
import { DOCUMENTS, KEYS, rowKernel, type PackedRows } from '../../copy/kernel/row-kernel.js';
import { RowLayout, type PackedTable } from '../../copy/kernel/row-layout.js';
import type { RowSink } from '../../source/copy-out.js';
import { RowBytes } from '../../source/row-bytes.js';
import { KEYS_PER_COMMAND, answerHead, commandHead, type ExpectedPage } from './expected-page.js';

const FIRST_BYTES = 1024 * 1024;
const FIRST_PLACES = 4096;

/**
 * Turns rows of a COPY into the question to CacheDB and the answer it must give, without a string per value. Its memory
 * is used again for every page: a page is valid until the next {@link begin}.
 */
export class ExpectedPacker implements RowSink {
  private readonly layout: RowLayout;
  private rows: RowBytes;
  private rowMemory: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private readonly command = new PageBytes();
  private readonly answer = new PageBytes();
  private keyStarts = new Int32Array(FIRST_PLACES);
  private starts = new Int32Array(FIRST_PLACES);
  private ends = new Int32Array(FIRST_PLACES);

  /** @param maxBytes of rows; what comes together with the row that passes this is the last of its page */
  constructor(
    described: readonly ColumnRef[],
    table: PackedTable,
    private readonly maxBytes: number,
  ) {
    this.layout = new RowLayout(described, table);
    this.rows = new RowBytes(maxBytes, this.rowMemory);
  }

  begin(): void {
    this.rows = new RowBytes(this.maxBytes, this.rowMemory);
    this.command.length = this.answer.length = 0;
  }

  add(rows: JoinedCopyData): boolean {
    return this.rows.add(rows);
  }

  /** The page of all rows that were added. */
  end(): ExpectedPage {
    const { longestRowBytes, rows: count } = this.rows;
    const bytes = this.rows.take();
    this.rowMemory = Buffer.from(bytes.buffer);
    this.growPlaces(count);
    rowKernel().load({ layout: this.layout, bytes, longestRowBytes });
    for (let first = 0, from = 0; first < count; first += KEYS_PER_COMMAND) from = this.pack(first, from);
    const { keyStarts, starts, ends } = this;
    const [command, answer] = [this.command.whole, this.answer.whole];
    const prefixBytes = this.layout.prefix.length;
    return { command, answer, keyStarts, starts, ends, count, documents: count, prefixBytes };
  }

  /** Packs the rows of one command. @returns where the next row starts */
  private pack(first: number, from: number): number {
    const range = { from, maxRows: KEYS_PER_COMMAND };
    const keys = rowKernel().pack(KEYS, range);
    this.command.add(Buffer.from(commandHead(keys.rows)));
    note(this.keyStarts, first, starting(keys, this.command.length));
    this.command.add(keys.bytes);
    const documents = rowKernel().pack(DOCUMENTS, range);
    this.answer.add(Buffer.from(answerHead(documents.rows)));
    const places = starting(documents, this.answer.length);
    this.answer.add(documents.bytes);
    note(this.starts, first, places);
    note(this.ends, first, places.subarray(1));
    this.ends[first + documents.rows - 1] = this.answer.length;
    return documents.next;
  }

  private growPlaces(count: number): void {
    if (count <= this.starts.length) return;
    this.keyStarts = new Int32Array(count);
    this.starts = new Int32Array(count);
    this.ends = new Int32Array(count);
  }
}

/** The places of records that begin at `start`. */
function starting({ places }: PackedRows, start: number): Int32Array {
  return places.map((place) => start + place);
}

function note(into: Int32Array, first: number, places: Int32Array): void {
  into.set(places, first);
}

/** Bytes that are added piece by piece to memory that is used again. */
class PageBytes {
  length = 0;
  private memory = Buffer.allocUnsafeSlow(FIRST_BYTES);

  /** Valid until something is added. */
  get whole(): Buffer {
    return this.memory.subarray(0, this.length);
  }

  add(bytes: Buffer): void {
    const needed = this.length + bytes.length;
    if (needed > this.memory.length) {
      const larger = Buffer.allocUnsafeSlow(2 * needed);
      this.memory.copy(larger, 0, 0, this.length);
      this.memory = larger;
    }
    bytes.copy(this.memory, this.length);
    this.length = needed;
  }
}
