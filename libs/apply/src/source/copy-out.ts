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
    try {
      const at = this.complete(received);
      if (at !== -1) this.take(received, at);
    } catch (error) {
      this.stop(error instanceof Error ? error : new Error(String(error)));
    }
  };

  /** Takes whole messages; what is left is the beginning of one. */
  private take(bytes: Buffer, from: number): void {
    let at = from;
    while (this.stream && at + HEAD_BYTES <= bytes.length) {
      const end = at + 1 + bytes.readUInt32BE(at + 1);
      if (end > bytes.length) break;
      this.message(bytes, at, end);
      at = end;
    }
    if (at === bytes.length || this.isCut) return;
    if (this.stream) this.keep(bytes.subarray(at));
    else this.leave(bytes.subarray(at));
  }

  private message(bytes: Buffer, start: number, end: number): void {
    if (bytes[start] !== COPY_DATA) this.leave(bytes.subarray(start, end));
    else if (!this.sink.add(bytes, start + HEAD_BYTES, end)) this.stop();
  }

  /** Keeps the beginning of a message until the rest has come. */
  private keep(bytes: Buffer): void {
    this.parts = [bytes];
    this.partBytes = bytes.length;
    this.wanted = bytes.length < HEAD_BYTES ? HEAD_BYTES : 1 + bytes.readUInt32BE(1);
  }

  /** Adds what came to the message whose beginning is kept. @returns where the next one begins; -1: later */
  private complete(received: Buffer): number {
    let at = 0;
    while (this.parts.length > 0) {
      const part = received.subarray(at, at + this.wanted - this.partBytes);
      at += part.length;
      this.parts.push(part);
      this.partBytes += part.length;
      if (this.partBytes < this.wanted) return -1;
      const bytes = Buffer.concat(this.parts);
      [this.parts, this.partBytes] = [[], 0];
      const end = 1 + bytes.readUInt32BE(1);
      if (end > bytes.length) this.keep(bytes);
      else this.message(bytes, 0, end);
    }
    return at;
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
