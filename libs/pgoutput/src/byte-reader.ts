import { DecodeError, type Lsn } from '@astro/sync-core';

/**
 * Reads big-endian protocol fields; every read past the end is a {@link DecodeError}. One for many messages: an object
 * for each of them would keep the garbage collector busy.
 */
export class ByteReader {
  bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private end = 0;

  /** The message is in `bytes` from `start` up to `end`. */
  begin(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Where the next field starts. */
  get offset(): number {
    return this.at;
  }

  get remaining(): number {
    return this.end - this.at;
  }

  byte(): number {
    return this.bytes[this.take(1)] as number;
  }

  char(): string {
    return String.fromCharCode(this.byte());
  }

  uint16(): number {
    return this.bytes.readUInt16BE(this.take(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  uint32(): number {
    return this.bytes.readUInt32BE(this.take(4));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.take(8));
  }

  lsn(): Lsn {
    return this.bytes.readBigUInt64BE(this.take(8)) as Lsn;
  }

  /** A number of bytes that follow. */
  length(): number {
    const length = this.int32();
    if (length < 0) throw new DecodeError('A replication message holds a negative length.');
    return length;
  }

  /** Passes over `length` bytes. @returns where they start */
  skip(length: number): number {
    return this.take(length);
  }

  /** `length` bytes of UTF-8. */
  text(length: number): string {
    const start = this.take(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  /** UTF-8 up to a zero byte. */
  cString(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end === -1 || end >= this.end) throw new DecodeError('A replication message ended inside a name.');
    const text = this.bytes.toString('utf8', this.at, end);
    this.at = end + 1;
    return text;
  }

  private take(length: number): number {
    const start = this.at;
    if (length < 0 || start + length > this.end) {
      throw new DecodeError('A replication message ended early.');
    }
    this.at = start + length;
    return start;
  }
}
