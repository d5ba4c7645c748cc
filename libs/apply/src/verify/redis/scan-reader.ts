import type { AnswerReader } from './raw-redis.js';

const NEWLINE = 0x0a;
const FIRST_BYTES = 64 * 1024;

/** Reads the answer of one SCAN as bytes. */
export class ScanReader implements AnswerReader {
  /** Where to go on; `0`: everything was scanned. */
  cursor = '0';
  private bytes = Buffer.allocUnsafe(FIRST_BYTES);
  private size = 0;
  /** What has been understood, up to `at`. */
  private at = 0;
  private heads = 0;
  private keysLeft = 0;
  private readonly keys: number[] = [];

  feed(bytes: Buffer): boolean {
    this.append(bytes);
    while (this.heads < 3) if (!this.readHead()) return false;
    while (this.keysLeft > 0) if (!this.readKey()) return false;
    return true;
  }

  /** @param use gets the place of a key in `bytes`; nothing of it is kept */
  forEach(use: (bytes: Buffer, start: number, end: number) => void): void {
    for (let i = 0; i < this.keys.length; i += 2) {
      use(this.bytes, this.keys[i] as number, this.keys[i + 1] as number);
    }
  }

  /** `*2`, the cursor as a bulk string, then `*<keys>`. */
  private readHead(): boolean {
    const end = this.bytes.subarray(0, this.size).indexOf(NEWLINE, this.at);
    if (end === -1) return false;
    const line = this.bytes.toString('latin1', this.at, end - 1);
    if (this.heads === 1) {
      const cursorEnd = end + 1 + Number(line.slice(1));
      if (this.size < cursorEnd + 2) return false;
      this.cursor = this.bytes.toString('latin1', end + 1, cursorEnd);
      this.at = cursorEnd + 2;
    } else {
      if (!line.startsWith('*')) throw new Error(`CacheDB refused: ${line}`);
      if (this.heads === 2) this.keysLeft = Number(line.slice(1));
      this.at = end + 1;
    }
    this.heads++;
    return true;
  }

  private readKey(): boolean {
    const { bytes, size } = this;
    let at = this.at + 1;
    let length = 0;
    for (; at < size && bytes[at] !== 0x0d; at++) length = length * 10 + (bytes[at] as number) - 0x30;
    const start = at + 2;
    if (start + length + 2 > size) return false;
    this.keys.push(start, start + length);
    this.at = start + length + 2;
    this.keysLeft--;
    return true;
  }

  private append(bytes: Buffer): void {
    if (this.size + bytes.length > this.bytes.length) {
      const larger = Buffer.allocUnsafe((this.size + bytes.length) * 2);
      this.bytes.copy(larger, 0, 0, this.size);
      this.bytes = larger;
    }
    this.size += bytes.copy(this.bytes, this.size);
  }
}
