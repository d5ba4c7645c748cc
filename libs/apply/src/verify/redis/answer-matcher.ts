import { bulkAt, type ExpectedPage } from './expected-page.js';
import type { AnswerReader } from './raw-redis.js';

const NEWLINE = 0x0a;
const LINE_END_BYTES = 2;
/** `$` and the digits of any length that Redis knows. */
const MAX_HEAD_BYTES = 20;

/** Looks at a document that is not stored byte for byte as expected. */
export interface StoredForms {
  /** A document of more bytes, as it is stored, is not held in memory: it is taken for different. */
  readonly maxBytes: number;
  isSame(stored: Buffer, document: Buffer, index: number): boolean;
}

/**
 * Compares answers of CacheDB with those expected, as they come in: whole pieces at once where they are equal, record
 * by record only where they are not. Holds no document, unless `forms` wants to look at it.
 */
export class AnswerMatcher implements AnswerReader {
  /** Records that differ. */
  readonly different: number[] = [];
  /** How far the expected answer has been matched. */
  private at = 0;
  /** The record whose own bytes are being read; -1: none. */
  private record = -1;
  private head = '';
  /** Bytes of the record that are still to come; -1: its head is being read. */
  private left = -1;
  private stored: Buffer | null = null;

  constructor(
    private readonly page: ExpectedPage,
    private readonly forms: StoredForms | null = null,
  ) {}

  feed(bytes: Buffer): boolean {
    for (let from = 0; from < bytes.length;) {
      if (this.record === -1) from = this.match(bytes, from);
      else if (this.left === -1) from = this.readHead(bytes, from);
      else from = this.readBody(bytes, from);
    }
    return this.record === -1 && this.at === this.page.answer.length;
  }

  private match(bytes: Buffer, from: number): number {
    const { answer } = this.page;
    const length = Math.min(bytes.length - from, answer.length - this.at);
    if (length === 0) throw new Error('CacheDB sent more than was asked for');
    if (bytes.compare(answer, this.at, this.at + length, from, from + length) === 0) {
      this.at += length;
      return from + length;
    }
    const same = this.countSame(bytes, from, length);
    this.at += same;
    this.begin(this.recordAt(this.at), bytes, from + same);
    return from + same;
  }

  /** How many bytes are equal; fewer than `length` are. */
  private countSame(bytes: Buffer, from: number, length: number): number {
    let [low, high] = [0, length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const [a, b] = [this.at + low, this.at + middle];
      if (bytes.compare(this.page.answer, a, b, from + low, from + middle) === 0) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The first record that ends behind this place of the expected answer. */
  private recordAt(place: number): number {
    const { ends, count } = this.page;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) > place) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** From here on the record is read by itself. What was matched of it has the bytes that were expected. */
  private begin(record: number, bytes: Buffer, from: number): void {
    const { answer, starts } = this.page;
    const start = starts[record] as number;
    if (this.at < start) throw new Error(`CacheDB refused: ${lineAt(bytes, from)}`);
    this.record = record;
    const body = answer.indexOf(NEWLINE, start) + 1;
    this.head = answer.toString('latin1', start, Math.min(this.at, body));
    if (this.at < body) return;
    this.setLength();
    this.take(answer, body, this.at);
  }

  private readHead(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(NEWLINE, from);
    const to = end === -1 ? bytes.length : end + 1;
    this.head += bytes.toString('latin1', from, to);
    if (this.head.length > MAX_HEAD_BYTES) throw new Error('CacheDB sent an answer that cannot be read');
    if (end !== -1) this.setLength();
    return to;
  }

  private setLength(): void {
    const length = Number(this.head.slice(1, -LINE_END_BYTES));
    if (!this.head.startsWith('$') || !Number.isInteger(length)) throw new Error(`CacheDB refused: ${this.head}`);
    this.left = length === -1 ? 0 : length + LINE_END_BYTES;
    const isWanted = this.forms !== null && length !== -1 && length <= this.forms.maxBytes;
    this.stored = isWanted ? Buffer.allocUnsafe(this.left) : null;
    if (this.left === 0) this.finish();
  }

  private readBody(bytes: Buffer, from: number): number {
    const to = Math.min(bytes.length, from + this.left);
    this.take(bytes, from, to);
    return to;
  }

  private take(bytes: Buffer, from: number, to: number): void {
    if (this.stored) bytes.copy(this.stored, this.stored.length - this.left, from, to);
    this.left -= to - from;
    if (this.left === 0) this.finish();
  }

  private finish(): void {
    const { record, stored, forms } = this;
    const { answer, starts, ends } = this.page;
    const isSame =
      stored !== null &&
      forms?.isSame(stored.subarray(0, -LINE_END_BYTES), bulkAt(answer, starts[record] as number), record);
    if (!isSame) this.different.push(record);
    this.at = ends[record] as number;
    [this.record, this.left, this.head, this.stored] = [-1, -1, '', null];
  }
}

function lineAt(bytes: Buffer, from: number): string {
  const end = bytes.indexOf(NEWLINE, from);
  return bytes.toString('utf8', from, end === -1 ? bytes.length : end).trim();
}
