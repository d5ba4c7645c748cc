import type { Socket } from 'node:net';
import type { Submittable } from 'pg';

export interface CopyOutResult {
  /** Whole rows, each with its newline. */
  readonly bytes: Buffer;
  /** True when the limit of bytes ended the reading; the connection is gone then. */
  readonly cut: boolean;
}

interface Wire {
  readonly stream: Socket;
  query(text: string): void;
}

const FIRST_BYTES = 256 * 1024;

/**
 * Reads a COPY … TO STDOUT into one buffer through `pg`'s own decoder. PostgreSQL sends a message per row, so what
 * is done for each message decides how fast a copy is: here it is one copy of bytes, without a stream in between.
 */
export class CopyOut implements Submittable {
  readonly result: Promise<CopyOutResult>;
  private resolve: (result: CopyOutResult) => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;
  private wire: Wire | null = null;
  private buffer = Buffer.allocUnsafe(FIRST_BYTES);
  private size = 0;
  private cut = false;

  /** @param maxBytes reading ends after the row that passes this */
  constructor(
    private readonly text: string,
    private readonly maxBytes: number,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit(connection: unknown): void {
    this.wire = connection as Wire;
    this.wire.query(this.text);
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    if (this.cut) return;
    this.reserve(chunk.length);
    this.size += chunk.copy(this.buffer, this.size);
    if (this.size <= this.maxBytes) return;
    this.cut = true;
    this.wire?.stream.destroy(); // the server would send the rest
    this.finish();
  }

  handleReadyForQuery(): void {
    this.finish();
  }

  handleError(error: Error): void {
    this.reject(error);
  }

  handleCommandComplete(): void {
    // the rows are counted elsewhere
  }

  private finish(): void {
    this.resolve({ bytes: this.buffer.subarray(0, this.size), cut: this.cut });
  }

  private reserve(bytes: number): void {
    if (this.size + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe((this.size + bytes) * 2);
    this.buffer.copy(larger, 0, 0, this.size);
    this.buffer = larger;
  }
}
