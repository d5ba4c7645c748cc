/** Bytes that grow at the end; for texts that are put together piece by piece and sent as one. */
export class ByteBuffer {
  private buffer: Buffer;
  private size = 0;

  constructor(private readonly initialBytes = 16_384) {
    this.buffer = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.size;
  }

  /** Adds a string of one character per byte. */
  addLatin1(text: string): void {
    const needed = this.size + text.length;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafe(needed * 2);
      this.buffer.copy(larger, 0, 0, this.size);
      this.buffer = larger;
    }
    this.size += this.buffer.write(text, this.size, 'latin1');
  }

  /** What was added, and begins anew. */
  take(): Buffer {
    const taken = this.buffer.subarray(0, this.size);
    this.clear();
    return taken;
  }

  clear(): void {
    this.buffer = Buffer.allocUnsafe(this.initialBytes);
    this.size = 0;
  }
}
