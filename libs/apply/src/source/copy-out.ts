import type { Socket } from 'node:net';
import type { Submittable } from 'pg';
import { interceptJoinedCopyData, type JoinedCopyData } from '@astro/runtime';

/** Takes the rows of a COPY. */
export interface RowSink {
  /**
   * @param rows whole rows with their newlines, as messages; valid only during the call
   * @returns false: this was enough
   */
  add(rows: JoinedCopyData): boolean;
}

interface Wire {
  readonly stream: Socket;
  query(text: string): void;
}

/**
 * Reads a COPY … TO STDOUT. PostgreSQL sends a message per row, so what is done for each message decides how fast a
 * copy is: rows are taken out of what the server sends before `pg` decodes it, and all other messages are left to `pg`.
 */
export class CopyOut implements Submittable {
  /** True when the sink had enough; the connection is gone then. */
  readonly cut: Promise<boolean>;
  private resolve: (cut: boolean) => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;
  private giveBack: () => void = () => undefined;

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
    this.giveBack = interceptJoinedCopyData(stream, (rows) => {
      try {
        if (!this.sink.add(rows)) this.stop(stream);
      } catch (error) {
        this.stop(stream, error instanceof Error ? error : new Error(String(error)));
      }
    });
    (connection as Wire).query(this.text);
  }

  handleReadyForQuery(): void {
    this.giveBack();
    this.resolve(false);
  }

  handleError(error: Error): void {
    this.giveBack();
    this.reject(error);
  }

  handleCopyData(): void {
    // what was already under way when the sink had enough
  }

  handleCommandComplete(): void {
    // the rows are counted elsewhere
  }

  /** The connection ends: the server would send the rest. */
  private stop(stream: Socket, problem?: Error): void {
    stream.destroy();
    this.giveBack();
    if (problem) this.reject(problem);
    else this.resolve(true);
  }
}
