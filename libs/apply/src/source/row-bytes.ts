import { SlabWriter } from '@astro/runtime';
import type { RowSink } from './copy-out.js';

const FIRST_BYTES = 256 * 1024;

/** Gathers rows in one buffer. */
export class RowBytes implements RowSink {
  rows = 0;
  private readonly slab: SlabWriter;

  /**
   * @param maxBytes the row that passes this is the last one
   * @param expectedBytes room that is made at once
   */
  constructor(
    private readonly maxBytes: number,
    expectedBytes = 0,
  ) {
    this.slab = new SlabWriter(Math.max(expectedBytes, FIRST_BYTES));
  }

  /** Whole rows, each with its newline; they can be taken once. */
  take(): Buffer {
    return this.slab.take();
  }

  add(bytes: Buffer, start: number, end: number): boolean {
    this.rows++;
    this.slab.add(bytes, start, end);
    return this.slab.length <= this.maxBytes;
  }
}
