import type { Socket } from 'node:net';
import { readIntoOwnBuffer } from './own-read-buffer.js';

const COPY_DATA = 0x64; // d
/** A letter and the length of what follows, itself included. */
const HEAD_BYTES = 5;

/** The payload of one CopyData message: `bytes` from `start` up to `end`; valid only during the call. */
export type CopyDataHandler = (bytes: Buffer, start: number, end: number) => void;

/**
 * Takes CopyData messages off a PostgreSQL connection before the client library makes an object and an event of each:
 * a copy or a replication stream is millions of them. Everything else goes to the library as it came.
 * Source: PostgreSQL documentation, "Message Formats". Call it while the server owes no answer.
 * @returns gives the connection back to the library
 */
export function interceptCopyData(socket: Socket, onCopyData: CopyDataHandler): () => void {
  const { splitter, library } = splitterOf(socket, onCopyData);
  const listener = (chunk: Buffer) => splitter.push(chunk, chunk.length);
  socket.removeAllListeners('data').on('data', listener);
  return () => {
    if (!splitter.isActive) return;
    splitter.isActive = false;
    socket.off('data', listener);
    for (const parse of library) socket.on('data', parse);
  };
}

/** Like {@link interceptCopyData}, faster, for a connection that serves nothing else up to its end. */
export function interceptCopyDataForGood(socket: Socket, onCopyData: CopyDataHandler): void {
  const { splitter } = splitterOf(socket, onCopyData);
  splitter.isReused = readIntoOwnBuffer(socket, (bytes, length) => splitter.push(bytes, length));
  if (!splitter.isReused) interceptCopyData(socket, onCopyData);
}

function splitterOf(socket: Socket, onCopyData: CopyDataHandler) {
  const library = socket.listeners('data') as ((chunk: Buffer) => void)[];
  const forward = (bytes: Buffer): void => {
    for (const listener of library) listener.call(socket, bytes);
  };
  return { splitter: new FrameSplitter(onCopyData, forward), library };
}

class FrameSplitter {
  isActive = true;
  /** The memory of what is pushed is written again after the call: what must stay is copied. */
  isReused = false;
  /** The begin of a message that has not come whole. */
  private parts: Buffer[] = [];
  private missing = 0;

  constructor(
    private readonly onCopyData: CopyDataHandler,
    private readonly forward: (bytes: Buffer) => void,
  ) {}

  /** @param length how many bytes of the chunk are there */
  push(chunk: Buffer, length: number): void {
    if (this.missing === 0) return this.split(chunk, length);
    this.parts.push(this.kept(chunk.subarray(0, length)));
    this.missing -= length;
    if (this.missing > 0) return;
    const whole = Buffer.concat(this.parts);
    this.parts = [];
    this.missing = 0;
    this.split(whole, whole.length);
  }

  private split(chunk: Buffer, length: number): void {
    let at = 0;
    while (this.isActive && length - at >= HEAD_BYTES) {
      const end = at + 1 + chunk.readUInt32BE(at + 1);
      if (end > length) break;
      if (chunk[at] === COPY_DATA) this.onCopyData(chunk, at + HEAD_BYTES, end);
      else this.forward(this.kept(chunk.subarray(at, end)));
      at = end;
    }
    if (at === length) return;
    const rest = this.kept(chunk.subarray(at, length));
    if (!this.isActive) return this.forward(rest);
    this.parts = [rest];
    this.missing = (rest.length < HEAD_BYTES ? HEAD_BYTES : 1 + rest.readUInt32BE(1)) - rest.length;
  }

  private kept(bytes: Buffer): Buffer {
    return this.isReused ? Buffer.from(bytes) : bytes;
  }
}
