import type { RowSink } from './copy-out.js';

const FIRST_BYTES = 256 * 1024;

/** Gathers rows in one buffer. */
export class RowBytes implements RowSink {
  rows = 0;
  private buffer = Buffer.allocUnsafe(FIRST_BYTES);
  private size = 0;

  /** @param maxBytes the row that passes this is the last one */
  constructor(private readonly maxBytes: number) {}

  /** Whole rows, each with its newline. */
  get bytes(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  add(bytes: Buffer, start: number, end: number): boolean {
    this.rows++;
    this.reserve(end - start);
    this.size += bytes.copy(this.buffer, this.size, start, end);
    return this.size <= this.maxBytes;
  }

  private reserve(bytes: number): void {
    if (this.size + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe((this.size + bytes) * 2);
    this.buffer.copy(larger, 0, 0, this.size);
    this.buffer = larger;
  }
}
