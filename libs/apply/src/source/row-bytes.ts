import type { RowSink } from './copy-out.js';

const FIRST_BYTES = 256 * 1024;
/** Fewer bytes are copied faster one by one than by a call. */
const SHORT_BYTES = 400;

/** Gathers rows in one buffer. */
export class RowBytes implements RowSink {
  rows = 0;
  private buffer: Buffer;
  private size = 0;

  /**
   * @param maxBytes the row that passes this is the last one
   * @param expectedBytes room that is made at once
   */
  constructor(
    private readonly maxBytes: number,
    expectedBytes = 0,
  ) {
    this.buffer = Buffer.allocUnsafeSlow(Math.max(expectedBytes, FIRST_BYTES));
  }

  /** Whole rows, each with its newline. */
  get bytes(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  add(bytes: Buffer, start: number, end: number): boolean {
    this.rows++;
    this.reserve(end - start);
    if (end - start > SHORT_BYTES) {
      this.size += bytes.copy(this.buffer, this.size, start, end);
    } else {
      const { buffer } = this;
      let { size } = this;
      for (let i = start; i < end; i++) buffer[size++] = bytes[i] as number;
      this.size = size;
    }
    return this.size <= this.maxBytes;
  }

  private reserve(bytes: number): void {
    if (this.size + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe((this.size + bytes) * 2);
    this.buffer.copy(larger, 0, 0, this.size);
    this.buffer = larger;
  }
}
