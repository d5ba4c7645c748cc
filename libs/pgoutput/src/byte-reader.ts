import { DecodeError, type Lsn } from '@astro/sync-core';

/** Reads big-endian protocol fields; every read past the end is a {@link DecodeError}. */
export class ByteReader {
  constructor(
    readonly bytes: Buffer,
    private at = 0,
  ) {}

  /** Where the next field starts. */
  get offset(): number {
    return this.at;
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    const value = this.bytes[this.at++];
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
    if (end === -1) throw new DecodeError('A replication message ended inside a name.');
    const text = this.bytes.toString('utf8', this.at, end);
    this.at = end + 1;
    return text;
  }

  private take(length: number): number {
    const start = this.at;
    if (length < 0 || start + length > this.bytes.length) {
      throw new DecodeError('A replication message ended early.');
    }
    this.at = start + length;
    return start;
  }
}
