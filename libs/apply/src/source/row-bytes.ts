import { SlabWriter, type JoinedCopyData } from '@astro/runtime';
import type { RowSink } from './copy-out.js';

const FIRST_BYTES = 256 * 1024;

/** Gathers rows in one buffer. */
export class RowBytes implements RowSink {
  rows = 0;
  /** With its newline. */
  longestRowBytes = 0;
  private readonly slab: SlabWriter;

  /**
   * @param maxBytes what comes together with the row that passes this is the last
   * @param memory is used as long as it is large enough
   */
  constructor(
    private readonly maxBytes: number,
    memory: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES),
  ) {
    this.slab = new SlabWriter(FIRST_BYTES, memory);
  }

  /** Whole rows, each with its newline, at the start of their memory; they can be taken once. */
  take(): Buffer {
    return this.slab.take();
  }

  add({ bytes, start, end, messages, longestBytes }: JoinedCopyData): boolean {
    this.rows += messages;
    this.longestRowBytes = Math.max(this.longestRowBytes, longestBytes);
    this.slab.add(bytes, start, end);
    return this.slab.length <= this.maxBytes;
  }
}
