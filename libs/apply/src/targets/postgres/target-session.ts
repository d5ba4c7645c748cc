import { createHash } from 'node:crypto';
import type { ClientConfig } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { OneConnection } from '../../one-connection.js';
import { toTargetError } from './target-errors.js';
import { loadShapes, type PostgresTargetTable, type Shapes } from './table-shape.js';

/** PostgreSQL's text as it is, whatever the type. */
const TEXT_ONLY = { getTypeParser: () => (value: string) => value };
/** Statements kept prepared; the sets of columns that changes carry over are many, but few occur often. */
const MAX_PREPARED = 200;

/** One connection to the target database and what was learned on it; made when needed, given up after errors. */
export class TargetSession {
  private readonly connection: OneConnection;
  private shapes: Shapes | null = null;
  private readonly prepared = new Map<string, string>();

  constructor(
    connection: ClientConfig,
    private readonly tables: readonly PostgresTargetTable[],
  ) {
    this.connection = new OneConnection(connection);
  }

  /** A statement about the transaction, or one whose errors the caller looks at: they come as they are. */
  async control(text: string): Promise<void> {
    await (await this.connection.get()).query(text);
  }

  /**
   * A statement on a table; texts in, texts out.
   * @throws what {@link toTargetError} makes of the server's error
   */
  async run(
    table: Pick<PostgresTargetTable, 'target'>,
    text: string,
    values: readonly string[] = [],
  ): Promise<(string | null)[][]> {
    const client = await this.connection.get();
    const name = values.length > 0 ? this.nameOf(text) : undefined;
    try {
      const config = { text, values: [...values], ...(name && { name }), types: TEXT_ONLY };
      return (await client.query<(string | null)[]>({ ...config, rowMode: 'array' })).rows;
    } catch (error) {
      throw toTargetError(error, table);
    }
  }

  /** COPY … FROM STDIN. A piece is made when the one before is on its way: memory stays bounded. */
  async copy(table: PostgresTargetTable, text: string, pieces: Iterable<Buffer>): Promise<void> {
    const stream = (await this.connection.get()).query(copyFrom(text));
    const iterator = pieces[Symbol.iterator]();
    let failed = false;
    try {
      await new Promise<void>((resolve, reject) => {
        const send = (): void => {
          for (let next = iterator.next(); !failed; next = iterator.next()) {
            if (next.done) return void stream.end();
            if (!stream.write(next.value)) return void stream.once('drain', send);
          }
        };
        stream.on('finish', resolve).on('error', (error) => {
          failed = true;
          reject(error);
        });
        send();
      });
    } catch (error) {
      throw toTargetError(error, table);
    }
  }

  /** Tables may have been changed. */
  forgetShapes(): void {
    this.shapes = null;
  }

  /** What the target's tables look like; read once per connection, or when they were forgotten. */
  async tableShapes(): Promise<Shapes> {
    this.shapes ??= await loadShapes(await this.connection.get(), this.tables);
    return this.shapes;
  }

  /** Ends the connection, and with it an open transaction. The next use connects again. */
  async close(): Promise<void> {
    this.shapes = null;
    this.prepared.clear();
    await this.connection.close();
  }

  private nameOf(text: string): string | undefined {
    const known = this.prepared.get(text);
    if (known || this.prepared.size >= MAX_PREPARED) return known;
    const name = `target_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
    this.prepared.set(text, name);
    return name;
  }
}
