/** In place of a length: the value is null. */
export const NULL_VALUE = -1;
/** In place of a length: the source did not resend this large column because the change left it alone (W13, W14). */
export const UNCHANGED = -2;

/**
 * One row's values in attribute order, as places in the bytes of the message: PostgreSQL text, null or unchanged.
 * The decoder fills the same tuple for every row: valid until the next message is decoded.
 */
export class Tuple {
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  /** Where each value starts in {@link bytes}. */
  starts = new Int32Array(32);
  /** Bytes of each value, {@link NULL_VALUE} or {@link UNCHANGED}. */
  lengths = new Int32Array(32);

  /** Begins a row of `count` values. */
  begin(bytes: Buffer, count: number): void {
    this.bytes = bytes;
    this.count = count;
    if (count <= this.starts.length) return;
    this.starts = new Int32Array(count * 2);
    this.lengths = new Int32Array(count * 2);
  }

  /** Bytes of a value, {@link NULL_VALUE}, or {@link UNCHANGED}; a column that the row does not have counts as unchanged. */
  length(index: number): number {
    return index < this.count ? (this.lengths[index] as number) : UNCHANGED;
  }

  /** A value as a byte string; null for anything else. */
  text(index: number): string | null {
    const length = this.length(index);
    if (length < 0) return null;
    const start = this.starts[index] as number;
    return this.bytes.toString('latin1', start, start + length);
  }
}
