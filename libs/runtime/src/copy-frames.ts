import type { Socket } from 'node:net';
import { readIntoOwnBuffer } from './own-read-buffer.js';

const COPY_DATA = 0x64; // d
/** A letter and the length of what follows, itself included. */
const HEAD_BYTES = 5;
const CARRY_BYTES = 16 * 1024;
/** More is given up after a message that needed it. */
const MAX_SPARE_BYTES = 1024 * 1024;

/** The payload of one CopyData message: `bytes` from `start` up to `end`; valid only during the call. */
export type CopyDataHandler = (bytes: Buffer, start: number, end: number) => void;

/** Payloads of CopyData messages one behind the other: `bytes` from `start` up to `end`; valid only during the call. */
export interface JoinedCopyData {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly messages: number;
  /** No payload has more. */
  readonly longestBytes: number;
}

/** One of the two is there. */
interface Taker {
  readonly each: CopyDataHandler | null;
  readonly joined: ((data: JoinedCopyData) => void) | null;
}

const splitters = new WeakMap<Socket, FrameSplitter>();

/**
 * Takes CopyData messages off a PostgreSQL connection before the client library makes an object and an event of each:
 * a copy or a replication stream is millions of them. Everything else goes to the library as it came.
 * Source: PostgreSQL documentation, "Message Formats". Call it while the server owes no answer.
 * @returns gives the messages back to the library; they may be taken again
 */
export function interceptCopyData(socket: Socket, onCopyData: CopyDataHandler): () => void {
  return intercept(socket, { each: onCopyData, joined: null });
}

/** Like {@link interceptCopyData}, for a handler that needs not know where a payload ends and the next one starts. */
export function interceptJoinedCopyData(socket: Socket, onCopyData: (data: JoinedCopyData) => void): () => void {
  return intercept(socket, { each: null, joined: onCopyData });
}

function intercept(socket: Socket, taker: Taker): () => void {
  const splitter = splitters.get(socket) ?? splitterOn(socket);
  splitter.taker = taker;
  return () => {
    if (splitter.taker === taker) splitter.taker = null;
  };
}

/** Stands between the socket and the library from now on. */
function splitterOn(socket: Socket): FrameSplitter {
  const library = socket.listeners('data') as ((chunk: Buffer) => void)[];
  const splitter = new FrameSplitter((bytes) => {
    for (const listener of library) listener.call(socket, bytes);
  });
  splitters.set(socket, splitter);
  splitter.isReused = readIntoOwnBuffer(socket, (bytes, length) => splitter.push(bytes, length));
  if (!splitter.isReused) {
    socket.removeAllListeners('data').on('data', (chunk: Buffer) => splitter.push(chunk, chunk.length));
  }
  return splitter;
}

class FrameSplitter {
  /** Null: all messages are the library's. */
  taker: Taker | null = null;
  /** The memory of what is pushed is written again after the call: what must stay is copied. */
  isReused = false;
  /** The begin of a message that has not come whole. Only such a message is put together; the others stay in place. */
  private carry = Buffer.allocUnsafeSlow(CARRY_BYTES);
  private carried = 0;

  constructor(private readonly forward: (bytes: Buffer) => void) {}

  /** @param length how many bytes of the chunk are there */
  push(chunk: Buffer, length: number): void {
    let at = 0;
    while (this.carried > 0 && at < length) at = this.complete(chunk, at, length);
    if (this.carried === 0) this.split(chunk, at, length);
  }

  /** Adds to the message that has begun. @returns where the rest of the chunk starts */
  private complete(chunk: Buffer, at: number, length: number): number {
    const needed = this.carried < HEAD_BYTES ? HEAD_BYTES : sizeOf(this.carry, 0);
    const end = Math.min(length, at + needed - this.carried);
    this.keep(chunk.subarray(at, end), needed);
    if (this.carried < HEAD_BYTES || this.carried < sizeOf(this.carry, 0)) return end;
    const { carry, carried } = this;
    this.carried = 0;
    if (carry.length > MAX_SPARE_BYTES) this.carry = Buffer.allocUnsafeSlow(CARRY_BYTES);
    this.dispatch(carry, 0, carried);
    return end;
  }

  private split(chunk: Buffer, from: number, length: number): void {
    let at = from;
    while (this.taker && length - at >= HEAD_BYTES) {
      const end = at + sizeOf(chunk, at);
      if (end > length) break;
      if (this.taker.joined && chunk[at] === COPY_DATA) at = this.join(chunk, at, length);
      else {
        this.dispatch(chunk, at, end);
        at = end;
      }
    }
    if (at === length) return;
    if (this.taker) this.keep(chunk.subarray(at, length), HEAD_BYTES);
    else this.forward(this.isReused ? Buffer.from(chunk.subarray(at, length)) : chunk.subarray(at, length));
  }

  /**
   * Hands over all CopyData messages from `from` on, the first of which is there whole. Their payloads are moved
   * together in place, which is much faster than to copy each. @returns where the next message starts
   */
  private join(chunk: Buffer, from: number, length: number): number {
    const start = from + HEAD_BYTES;
    let end = start;
    let [messages, longestBytes] = [0, 0];
    let at = from;
    while (length - at >= HEAD_BYTES && chunk[at] === COPY_DATA) {
      const next = at + sizeOf(chunk, at);
      if (next > length) break;
      const bytes = next - at - HEAD_BYTES;
      if (messages > 0) chunk.copyWithin(end, at + HEAD_BYTES, next);
      end += bytes;
      if (bytes > longestBytes) longestBytes = bytes;
      messages++;
      at = next;
    }
    this.taker?.joined?.({ bytes: chunk, start, end, messages, longestBytes });
    return at;
  }

  private dispatch(bytes: Buffer, start: number, end: number): void {
    const { taker } = this;
    const from = start + HEAD_BYTES;
    if (!taker || bytes[start] !== COPY_DATA) this.forward(Buffer.from(bytes.subarray(start, end)));
    else if (taker.each) taker.each(bytes, from, end);
    else taker.joined?.({ bytes, start: from, end, messages: 1, longestBytes: end - from });
  }

  private keep(piece: Buffer, needed: number): void {
    const room = Math.max(needed, this.carried + piece.length);
    if (room > this.carry.length) {
      const larger = Buffer.allocUnsafeSlow(room);
      this.carry.copy(larger, 0, 0, this.carried);
      this.carry = larger;
    }
    piece.copy(this.carry, this.carried);
    this.carried += piece.length;
  }
}

/** Of the whole message that begins here, of which at least the head is there. */
function sizeOf(bytes: Buffer, at: number): number {
  return 1 + bytes.readUInt32BE(at + 1);
}
