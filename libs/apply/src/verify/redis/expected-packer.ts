import { RowPacker, type PackedTable } from '../../copy/row-packer.js';
import type { ColumnRef } from '@astro/sync-core';
import type { RowSink } from '../../source/copy-out.js';
import { MAX_LENGTH_BYTES } from '../../copy/set-command.js';
import { KEYS_PER_COMMAND, answerHead, commandHead, type ExpectedPage } from './expected-page.js';

/** A control byte is six in a key of several columns. */
const MAX_KEY_GROWTH = 6;
const FIRST_BYTES = 1024 * 1024;
const FULL_ANSWER_HEAD = answerHead(KEYS_PER_COMMAND);
const FULL_COMMAND_HEAD = commandHead(KEYS_PER_COMMAND);

/**
 * Turns rows of a COPY, as they come in, into the question to CacheDB and the answer it must give, without a string per
 * value. Its memory is used again for every page: a page is valid until the next {@link begin}.
 */
export class ExpectedPacker extends RowPacker implements RowSink {
  private command = Buffer.alloc(0);
  private commandAt = 0;
  private keyStarts = new Int32Array(0);
  private starts = new Int32Array(0);
  private ends = new Int32Array(0);
  /** Rows of the page so far. */
  count = 0;

  /** @param maxBytes the row that passes this is the last one of its page */
  constructor(
    described: readonly ColumnRef[],
    table: PackedTable,
    private readonly maxBytes: number,
  ) {
    super(described, table);
  }

  begin(): void {
    if (this.out.length === 0)
      [this.out, this.command] = [Buffer.allocUnsafe(FIRST_BYTES), Buffer.allocUnsafe(FIRST_BYTES)];
    this.count = this.at = this.commandAt = 0;
  }

  add(bytes: Buffer, start: number, end: number): boolean {
    const index = this.count++;
    if (index === this.starts.length) this.growPlaces();
    if (index % KEYS_PER_COMMAND === 0) this.packHeads();
    this.reserve(end - start);
    this.keyStarts[index] = this.commandAt;
    this.packCommandKey(bytes, start, end - start);
    this.starts[index] = this.at;
    this.packDocument(bytes, start);
    this.ends[index] = this.at;
    return this.at <= this.maxBytes;
  }

  /** The page of all rows that were added. */
  end(): ExpectedPage {
    const rest = this.count % KEYS_PER_COMMAND;
    if (rest > 0) this.shortenLast(rest);
    const { keyStarts, starts, ends, count, prefix } = this;
    const command = this.command.subarray(0, this.commandAt);
    const answer = this.out.subarray(0, this.at);
    return { command, answer, keyStarts, starts, ends, count, documents: count, prefixBytes: prefix.length };
  }

  /** Heads that say how many keys follow, as if the command would become full. */
  private packHeads(): void {
    this.reserve(FULL_ANSWER_HEAD.length);
    this.at += this.out.write(FULL_ANSWER_HEAD, this.at, 'latin1');
    this.growCommand(FULL_COMMAND_HEAD.length);
    this.commandAt += this.command.write(FULL_COMMAND_HEAD, this.commandAt, 'latin1');
  }

  /** The last command has fewer keys than its head says: with the right head everything behind it moves up. */
  private shortenLast(keys: number): void {
    const first = this.count - keys;
    const answerStart = first === 0 ? 0 : (this.ends[first - 1] as number);
    const answerMoved = replaceHead(this.out, {
      start: answerStart,
      from: FULL_ANSWER_HEAD,
      to: answerHead(keys),
      end: this.at,
    });
    const commandStart = (this.keyStarts[first] as number) - FULL_COMMAND_HEAD.length;
    const head = { start: commandStart, from: FULL_COMMAND_HEAD, to: commandHead(keys), end: this.commandAt };
    const commandMoved = replaceHead(this.command, head);
    this.at -= answerMoved;
    this.commandAt -= commandMoved;
    for (let i = first; i < this.count; i++) {
      this.starts[i] = (this.starts[i] as number) - answerMoved;
      this.ends[i] = (this.ends[i] as number) - answerMoved;
      this.keyStarts[i] = (this.keyStarts[i] as number) - commandMoved;
    }
  }

  /** The base class writes where it is told to: for a moment that is the command. */
  private packCommandKey(bytes: Buffer, start: number, rowBytes: number): void {
    this.growCommand(this.prefix.length + rowBytes * MAX_KEY_GROWTH + MAX_LENGTH_BYTES * 2);
    const { out, at } = this;
    this.out = this.command;
    this.at = this.commandAt;
    this.packKey(bytes, start);
    this.commandAt = this.at;
    this.out = out;
    this.at = at;
  }

  private growCommand(bytes: number): void {
    if (this.commandAt + bytes <= this.command.length) return;
    const larger = Buffer.allocUnsafe((this.commandAt + bytes) * 2);
    this.command.copy(larger, 0, 0, this.commandAt);
    this.command = larger;
  }

  private growPlaces(): void {
    const length = Math.max(4096, this.starts.length * 2);
    this.keyStarts = grown(this.keyStarts, length);
    this.starts = grown(this.starts, length);
    this.ends = grown(this.ends, length);
  }
}

function grown(places: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(places);
  return larger;
}

interface Head {
  readonly start: number;
  readonly from: string;
  readonly to: string;
  /** Of what follows. */
  readonly end: number;
}

/** @returns by how much everything behind the head has moved up */
function replaceHead(buffer: Buffer, { start, from, to, end }: Head): number {
  buffer.write(to, start, 'latin1');
  buffer.copyWithin(start + to.length, start + from.length, end);
  return from.length - to.length;
}
