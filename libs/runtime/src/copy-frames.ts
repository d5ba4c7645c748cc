import type { Socket } from 'node:net';

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
  const library = socket.listeners('data') as ((chunk: Buffer) => void)[];
  const splitter = new FrameSplitter(onCopyData, (bytes) => {
    for (const listener of library) listener.call(socket, bytes);
  });
  const listener = (chunk: Buffer) => splitter.push(chunk);
  socket.removeAllListeners('data').on('data', listener);
  return () => {
    if (!splitter.isActive) return;
    splitter.isActive = false;
    socket.off('data', listener);
    for (const parse of library) socket.on('data', parse);
  };
}

class FrameSplitter {
  isActive = true;
  /** The begin of a message that has not come whole. */
  private parts: Buffer[] = [];
  private missing = 0;

  constructor(
    private readonly onCopyData: CopyDataHandler,
    private readonly forward: (bytes: Buffer) => void,
  ) {}

  push(chunk: Buffer): void {
    if (this.missing === 0) return this.split(chunk);
    this.parts.push(chunk);
    this.missing -= chunk.length;
    if (this.missing > 0) return;
    const whole = Buffer.concat(this.parts);
    this.parts = [];
    this.missing = 0;
    this.split(whole);
  }

  private split(chunk: Buffer): void {
    let at = 0;
    while (this.isActive && chunk.length - at >= HEAD_BYTES) {
      const end = at + 1 + chunk.readUInt32BE(at + 1);
      if (end > chunk.length) break;
      if (chunk[at] === COPY_DATA) this.onCopyData(chunk, at + HEAD_BYTES, end);
      else this.forward(chunk.subarray(at, end));
      at = end;
    }
    if (at === chunk.length) return;
    const rest = chunk.subarray(at);
    if (!this.isActive) return this.forward(rest);
    this.parts = [rest];
    this.missing = (rest.length < HEAD_BYTES ? HEAD_BYTES : 1 + rest.readUInt32BE(1)) - rest.length;
  }
}
