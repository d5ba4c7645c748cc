import { DecodeError, type Lsn } from '@astro/sync-core';

/** Reads big-endian protocol fields; every read past the end is a {@link DecodeError}. */
export class ByteReader {
  constructor(
    private readonly bytes: Buffer,
    private offset = 0,
  ) {}

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  byte(): number {
    const value = this.bytes[this.offset++];
    if (value === undefined) throw new DecodeError('A replication message ended early.');
    return value;
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

  /** `length` bytes as a byte string. */
  byteString(length: number): string {
    const start = this.take(length);
    return this.bytes.toString('latin1', start, start + length);
  }

  /** `length` bytes of UTF-8. */
  text(length: number): string {
    const start = this.take(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  /** UTF-8 up to a zero byte. */
  cString(): string {
    const end = this.bytes.indexOf(0, this.offset);
    if (end === -1) throw new DecodeError('A replication message ended inside a name.');
    const text = this.bytes.toString('utf8', this.offset, end);
    this.offset = end + 1;
    return text;
  }

  private take(length: number): number {
    const start = this.offset;
    if (length < 0 || start + length > this.bytes.length) {
      throw new DecodeError('A replication message ended early.');
    }
    this.offset = start + length;
    return start;
  }
}
