import type { Socket } from 'node:net';
import type { Submittable } from 'pg';
import { SlabWriter, interceptCopyData } from '@astro/runtime';

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
 * Reads a COPY … TO STDOUT into one buffer. PostgreSQL sends a message per row, so what is done for each message
 * decides how fast a copy is: here it is one copy of bytes, without an event or a stream in between.
 */
export class CopyOut implements Submittable {
  readonly result: Promise<CopyOutResult>;
  private resolve: (result: CopyOutResult) => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;
  private giveBack: () => void = () => undefined;
  private readonly rows: SlabWriter;
  private readonly maxBytes: number;
  private cut = false;

  /** @param limits `maxBytes`: reading ends after the row that passes this; `expectedBytes`: room that is made at once */
  constructor(
    private readonly text: string,
    { maxBytes, expectedBytes }: { readonly maxBytes: number; readonly expectedBytes: number },
  ) {
    this.maxBytes = maxBytes;
    this.rows = new SlabWriter(Math.max(expectedBytes, FIRST_BYTES));
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit(connection: unknown): void {
    const wire = connection as Wire;
    this.giveBack = interceptCopyData(wire.stream, (bytes, start, end) => {
      if (!this.cut && this.add(bytes, start, end)) return;
      this.cut = true;
      wire.stream.destroy(); // the server would send the rest
      this.finish();
    });
    wire.query(this.text);
  }

  /** @returns false after the row that passes the limit */
  private add(bytes: Buffer, start: number, end: number): boolean {
    this.rows.add(bytes, start, end);
    return this.rows.length <= this.maxBytes;
  }

  handleReadyForQuery(): void {
    this.finish();
  }

  handleError(error: Error): void {
    this.giveBack();
    this.reject(error);
  }

  handleCommandComplete(): void {
    // the rows are counted elsewhere
  }

  private finish(): void {
    this.giveBack();
    this.resolve({ bytes: this.rows.take(), cut: this.cut });
  }
}
