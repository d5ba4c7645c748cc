/** Room for what comes before the pairs, which is known only at the end. */
export const HEAD_BYTES = 56;
const BEGIN = '*1\r\n$5\r\nMULTI\r\n';
/** `$`, up to ten digits, return and newline before each key and document. */
const MAX_LENGTH_BYTES = 13;
const DOLLAR = 0x24;
const RETURN = 0x0d;
const NEWLINE = 0x0a;

/**
 * MULTI and one MSET of many keys and documents, as the bytes of the Redis protocol (RESP). Built here because a client
 * library spends more time on tens of thousands of arguments than Redis spends on storing them.
 */
export class SetCommand {
  private buffer = Buffer.allocUnsafe(16_384);
  private size = HEAD_BYTES;
  private pairs = 0;

  /** @param encoding `latin1` for byte strings, `utf8` for ordinary strings */
  constructor(private readonly encoding: 'utf8' | 'latin1') {}

  add(key: string, document: string | Buffer): void {
    this.pairs++;
    this.addBulk(key);
    this.addBulk(document);
  }

  /** Null when nothing was added. */
  toBuffer(): Buffer | null {
    return withHead(this.buffer, this.size, this.pairs);
  }

  /** Begins anew in the same memory; only when what {@link toBuffer} gave is not needed any more. */
  clear(): void {
    this.size = HEAD_BYTES;
    this.pairs = 0;
  }

  /** What it holds at least. */
  get capacityBytes(): number {
    return this.buffer.length;
  }

  private addBulk(value: string | Buffer): void {
    const length = typeof value === 'string' ? Buffer.byteLength(value, this.encoding) : value.length;
    this.reserve(length + MAX_LENGTH_BYTES + 2);
    this.size = writeLength(this.buffer, this.size, length);
    if (typeof value === 'string') this.buffer.write(value, this.size, this.encoding);
    else value.copy(this.buffer, this.size);
    this.size = writeLineEnd(this.buffer, this.size + length);
  }

  private reserve(bytes: number): void {
    if (this.size + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe((this.size + bytes) * 2);
    this.buffer.copy(larger, 0, 0, this.size);
    this.buffer = larger;
  }
}

/** `$<length>` and a line end. @returns where the value goes */
function writeLength(buffer: Buffer, at: number, length: number): number {
  buffer[at] = DOLLAR;
  return writeLineEnd(buffer, at + 1 + writeDigits(buffer, at + 1, length));
}

function writeLineEnd(buffer: Buffer, at: number): number {
  buffer[at] = RETURN;
  buffer[at + 1] = NEWLINE;
  return at + 2;
}

/** Digits of a number of any size that occurs, without a string in between. */
function writeDigits(buffer: Buffer, at: number, value: number): number {
  const count = digitsOf(value);
  for (let i = count - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 10)) buffer[at + i] = 0x30 + (rest % 10);
  return count;
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}

/** Puts MULTI and the head of an MSET before `pairs` pairs from {@link HEAD_BYTES} on; null when there are none. */
export function withHead(buffer: Buffer, size: number, pairs: number): Buffer | null {
  if (pairs === 0) return null;
  const head = `${BEGIN}*${1 + 2 * pairs}\r\n$4\r\nMSET\r\n`;
  const start = HEAD_BYTES - head.length;
  buffer.write(head, start, 'latin1');
  return buffer.subarray(start, size);
}
