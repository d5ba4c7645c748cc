/** A deletion where a document's length would stand. */
const DELETE = 0xffffffff;
/** Four bytes of length before the key and before the document. */
const HEADER_BYTES = 8;

export type DocumentBytes = string | Buffer | null;

/**
 * Writes of keys and documents packed into one argument for the apply script: length and bytes of the key, then of
 * the document, big-endian. One large argument instead of many small ones: no per-document work in the protocol.
 */
export class PackedOps {
  private buffer = Buffer.allocUnsafe(16_384);
  private size = 0;

  /** @param encoding `latin1` for byte strings, `utf8` for ordinary strings */
  constructor(private readonly encoding: 'utf8' | 'latin1') {}

  /** @param document null deletes the key */
  add(key: string, document: DocumentBytes): void {
    this.reserve(HEADER_BYTES + this.mostBytes(key) + (document === null ? 0 : this.mostBytes(document)));
    this.write(key);
    if (document === null) this.size = this.buffer.writeUInt32BE(DELETE, this.size);
    else this.write(document);
  }

  toBuffer(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  private mostBytes(value: string | Buffer): number {
    return typeof value === 'string' && this.encoding === 'utf8' ? value.length * 3 : value.length;
  }

  private reserve(bytes: number): void {
    if (this.size + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe((this.size + bytes) * 2);
    this.buffer.copy(larger, 0, 0, this.size);
    this.buffer = larger;
  }

  private write(value: string | Buffer): void {
    const start = this.size + 4;
    const { buffer, encoding } = this;
    const length = typeof value === 'string' ? buffer.write(value, start, encoding) : value.copy(buffer, start);
    buffer.writeUInt32BE(length, this.size);
    this.size = start + length;
  }
}
