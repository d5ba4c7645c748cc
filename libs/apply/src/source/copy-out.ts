import type { Socket } from 'node:net';
import type { Submittable } from 'pg';

/** Takes the rows of a COPY. */
export interface RowSink {
  /**
   * @param bytes hold a row with its newline from `start` to `end`; valid only during the call
   * @returns false: this was enough
   */
  add(bytes: Buffer, start: number, end: number): boolean;
}

interface Wire {
  readonly stream: Socket;
  query(text: string): void;
}

type DataListener = (bytes: Buffer) => void;

/** A message of the server: its type, and the length of the rest with these four bytes. */
const HEAD_BYTES = 5;
const COPY_DATA = 0x64;

/**
 * Reads a COPY … TO STDOUT. PostgreSQL sends a message per row, so what is done for each message decides how fast a
 * copy is: rows are taken out of what the server sends before `pg` decodes it, and all other messages are left to `pg`.
 */
export class CopyOut implements Submittable {
  /** True when the sink had enough; the connection is gone then. */
  readonly cut: Promise<boolean>;
  private resolve: (cut: boolean) => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;
  private stream: Socket | null = null;
  private listeners: readonly DataListener[] = [];
  private isCut = false;
  /** The beginning of a message whose end is still to come, how long it is, and how long it will be. */
  private parts: Buffer[] = [];
  private partBytes = 0;
  private wanted = 0;

  constructor(
    private readonly text: string,
    private readonly sink: RowSink,
  ) {
    this.cut = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit(connection: unknown): void {
    const { stream } = connection as Wire;
    this.listeners = stream.listeners('data') as DataListener[];
    stream.removeAllListeners('data');
    stream.on('data', this.read);
    this.stream = stream;
    (connection as Wire).query(this.text);
  }

  handleReadyForQuery(): void {
    this.giveBack();
    this.resolve(this.isCut);
  }

  handleError(error: Error): void {
    this.giveBack();
    this.reject(error);
  }

  handleCommandComplete(): void {
    // the rows are counted elsewhere
  }

  private readonly read: DataListener = (received) => {
    const bytes = this.joined(received);
    if (!bytes) return;
    let at = 0;
    try {
      while (this.stream && at + HEAD_BYTES <= bytes.length) {
        const end = at + 1 + bytes.readUInt32BE(at + 1);
        if (end > bytes.length) break;
        if (bytes[at] !== COPY_DATA) this.leave(bytes.subarray(at, end));
        else if (!this.sink.add(bytes, at + HEAD_BYTES, end)) return this.stop();
        at = end;
      }
    } catch (error) {
      return this.stop(error instanceof Error ? error : new Error(String(error)));
    }
    if (at === bytes.length) return;
    if (this.stream) this.keep(bytes.subarray(at));
    else this.leave(bytes.subarray(at));
  };

  /** Keeps the beginning of a message until the rest has come. */
  private keep(bytes: Buffer): void {
    this.parts = [bytes];
    this.partBytes = bytes.length;
    this.wanted = bytes.length < HEAD_BYTES ? HEAD_BYTES : 1 + bytes.readUInt32BE(1);
  }

  /** What was kept and what came; null while the message is not complete. Joined once, however long it is. */
  private joined(received: Buffer): Buffer | null {
    if (this.parts.length === 0) return received;
    this.parts.push(received);
    this.partBytes += received.length;
    if (this.partBytes < this.wanted) return null;
    const bytes = Buffer.concat(this.parts);
    this.parts = [];
    return bytes;
  }

  private leave(bytes: Buffer): void {
    for (const listener of this.listeners) listener(bytes);
  }

  private giveBack(): void {
    const { stream } = this;
    this.stream = null;
    stream?.off('data', this.read);
    for (const listener of this.listeners) stream?.on('data', listener);
  }

  /** The connection ends: the server would send the rest. */
  private stop(problem?: Error): void {
    this.isCut = true;
    this.stream?.destroy();
    this.giveBack();
    if (problem) this.reject(problem);
    else this.resolve(true);
  }
}
