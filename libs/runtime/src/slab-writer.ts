const SLAB_BYTES = 256 * 1024;

/**
 * Many short texts as bytes, packed into few large buffers: bytes that wait cost the garbage collector nothing, and
 * small buffers of their own would cost more than they hold.
 */
export class SlabWriter {
  private slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  private start = 0;
  private end = 0;

  /** Adds a string of one character per byte. */
  addLatin1(text: string): void {
    if (this.end + text.length > this.slab.length) this.move(text.length);
    this.end += this.slab.write(text, this.end, 'latin1');
  }

  /** What was added since the last call; stays as it is. */
  take(): Buffer {
    const taken = this.slab.subarray(this.start, this.end);
    this.start = this.end;
    return taken;
  }

  /** Forgets what was added and not taken. */
  discard(): void {
    this.end = this.start;
  }

  /** What is not taken yet goes to the start of a new slab. */
  private move(more: number): void {
    const begun = this.slab.subarray(this.start, this.end);
    const needed = begun.length + more;
    this.slab = Buffer.allocUnsafeSlow(needed > SLAB_BYTES ? needed * 2 : SLAB_BYTES);
    begun.copy(this.slab);
    this.start = 0;
    this.end = begun.length;
  }
}

/** Buffers that follow each other in the same memory become one, without a byte being copied. */
export function joinAdjacent(buffers: readonly Buffer[]): readonly Buffer[] {
  const joined: Buffer[] = [];
  for (const buffer of buffers) {
    const last = joined.at(-1);
    const follows = last?.buffer === buffer.buffer && last.byteOffset + last.length === buffer.byteOffset;
    if (follows) joined[joined.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + buffer.length);
    else joined.push(buffer);
  }
  return joined;
}
