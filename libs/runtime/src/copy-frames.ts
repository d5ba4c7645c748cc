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

const splitters = new WeakMap<Socket, FrameSplitter>();

/**
 * Takes CopyData messages off a PostgreSQL connection before the client library makes an object and an event of each:
 * a copy or a replication stream is millions of them. Everything else goes to the library as it came.
 * Source: PostgreSQL documentation, "Message Formats". Call it while the server owes no answer.
 * @returns gives the messages back to the library; they may be taken again
 */
export function interceptCopyData(socket: Socket, onCopyData: CopyDataHandler): () => void {
  const splitter = splitters.get(socket) ?? splitterOn(socket);
  splitter.onCopyData = onCopyData;
  return () => {
    if (splitter.onCopyData === onCopyData) splitter.onCopyData = null;
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
  onCopyData: CopyDataHandler | null = null;
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
    while (this.onCopyData && length - at >= HEAD_BYTES) {
      const end = at + sizeOf(chunk, at);
      if (end > length) break;
      this.dispatch(chunk, at, end);
      at = end;
    }
    if (at === length) return;
    if (this.onCopyData) this.keep(chunk.subarray(at, length), HEAD_BYTES);
    else this.forward(this.isReused ? Buffer.from(chunk.subarray(at, length)) : chunk.subarray(at, length));
  }

  private dispatch(bytes: Buffer, start: number, end: number): void {
    if (this.onCopyData && bytes[start] === COPY_DATA) this.onCopyData(bytes, start + HEAD_BYTES, end);
    else this.forward(Buffer.from(bytes.subarray(start, end)));
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
