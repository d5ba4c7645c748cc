import type { Socket } from 'node:net';
import type { Submittable } from 'pg';

const COPY_DATA = 'd'.charCodeAt(0);
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
const LENGTH_BYTES = 4;

interface Wire {
  readonly stream: Socket;
  query(text: string): void;
}

/**
 * Statements with the rows of their COPY … FROM STDIN, in one round trip: `pg-copy-streams` waits for the server's word
 * before it sends the rows, and sends each buffer when the one before is gone. The server takes rows that come early,
 * and drops those of a statement that failed. Source: PostgreSQL documentation, "COPY Operations".
 */
export class CopyIn implements Submittable {
  /** All statements are done; or the first error, after which the rest of them was not run. */
  readonly done: Promise<void>;
  private resolve: () => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;

  /** @param rows those of each COPY, in the order of the statements; lines may be divided anywhere */
  constructor(
    private readonly text: string,
    private readonly rows: readonly (readonly Buffer[])[],
  ) {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit(connection: unknown): void {
    const { stream } = connection as Wire;
    if (!stream.writable) return; // the end of the connection is told to `handleError`
    stream.cork();
    (connection as Wire).query(this.text);
    for (const chunks of this.rows) {
      for (const chunk of chunks) {
        stream.write(copyDataHead(chunk.length));
        stream.write(chunk);
      }
      stream.write(COPY_DONE);
    }
    stream.uncork();
  }

  handleReadyForQuery(): void {
    this.resolve();
  }

  handleError(error: Error): void {
    this.reject(error);
  }

  handleCopyInResponse(): void {
    // the rows are on their way
  }

  handleRowDescription(): void {
    // what statements answer is not asked for
  }

  handleDataRow(): void {
    // as above
  }

  handleCommandComplete(): void {
    // one per statement; all of them are done when the server is ready again
  }
}

function copyDataHead(bytes: number): Buffer {
  const head = Buffer.alloc(1 + LENGTH_BYTES);
  head[0] = COPY_DATA;
  head.writeUInt32BE(bytes + LENGTH_BYTES, 1);
  return head;
}
