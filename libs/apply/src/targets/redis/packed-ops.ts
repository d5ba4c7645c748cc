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
  private readonly entries: [key: string, document: DocumentBytes][] = [];
  private size = 0;

  /** @param encoding `latin1` for byte strings, `utf8` for ordinary strings */
  constructor(private readonly encoding: 'utf8' | 'latin1') {}

  get count(): number {
    return this.entries.length;
  }

  /** @param document null deletes the key */
  add(key: string, document: DocumentBytes): void {
    this.entries.push([key, document]);
    this.size += HEADER_BYTES + this.lengthOf(key) + (document === null ? 0 : this.lengthOf(document));
  }

  toBuffer(): Buffer {
    const buffer = Buffer.allocUnsafe(this.size);
    let at = 0;
    for (const [key, document] of this.entries) {
      at = this.write(buffer, key, at);
      at = document === null ? buffer.writeUInt32BE(DELETE, at) : this.write(buffer, document, at);
    }
    return buffer;
  }

  private lengthOf(value: string | Buffer): number {
    if (typeof value !== 'string') return value.length;
    return this.encoding === 'latin1' ? value.length : Buffer.byteLength(value, 'utf8');
  }

  private write(buffer: Buffer, value: string | Buffer, at: number): number {
    const start = at + 4;
    const length = typeof value === 'string' ? buffer.write(value, start, this.encoding) : value.copy(buffer, start);
    buffer.writeUInt32BE(length, at);
    return start + length;
  }
}
