import { DatabaseError, type Client, type ClientConfig } from 'pg';
import {
  LostColumnsError,
  WATERMARK_MESSAGE_PREFIX,
  parseLsn,
  parseSnapshot,
  tableName,
  type Lsn,
  type Snapshot,
} from '@astro/sync-core';
import type { CopyBytes } from '../copy/copy-bytes.js';
import { ConnectionGivenUpError, OneConnection } from '../one-connection.js';
import { CopyOut, type RowSink } from './copy-out.js';
import { RowBytes } from './row-bytes.js';
import { columnsSelect, type Columns, type ReadTable } from './table-queries.js';

/** Bounds the memory of a read whatever the rows hold. */
const MAX_READ_BYTES = 8 * 1024 * 1024;
const UNDEFINED_COLUMN = '42703';
const TEXT_ONLY = { getTypeParser: () => (value: string) => value };

/** Rows read in one snapshot, as COPY text. */
export interface SnapshotCopy {
  readonly snapshot: Snapshot;
  readonly bytes: CopyBytes;
  readonly rows: number;
  readonly longestRowBytes: number;
  /** True when the limit of bytes ended the reading: there may be more rows. */
  readonly cut: boolean;
  /** Every transaction that the snapshot saw committed before this; the stream is past it when it is captured. */
  readonly watermark: Lsn;
}

/** Rows as COPY text, of one statement. */
export interface BulkRows {
  readonly bytes: CopyBytes;
  readonly rows: number;
  /** True when the limit of bytes ended the reading: there may be more rows. */
  readonly cut: boolean;
}

export interface SnapshotRows {
  readonly snapshot: Snapshot;
  readonly fields: readonly { readonly name: string; readonly typeOid: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/**
 * Reads OperationsDB for one lane, on one connection that is opened when needed and given up after an error.
 * All transactions are read-only and as short as one statement (P9). Whatever is read rejects with LostColumnsError when
 * it names a column that is not there any more.
 */
export class SourceSession {
  private readonly connection: OneConnection;
  /** What was asked for last. */
  private before: Promise<unknown> = Promise.resolve();
  /** Counts how often it was closed. */
  private closed = 0;

  constructor(connection: ClientConfig) {
    // Watermarks need no standby: a copy must not wait for one that is away.
    this.connection = new OneConnection(connection, (client) => client.query('SET synchronous_commit = local'));
  }

  /**
   * Runs `SELECT …` through COPY in its own snapshot, then writes a watermark to the log.
   * @param select SQL without parameters; the caller quotes what it puts in
   * @param memory is used for the rows as long as it is large enough
   */
  async copy(select: string, memory?: Buffer): Promise<SnapshotCopy> {
    return this.guarded(async (client) => {
      const opened = await second(
        client,
        'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_current_snapshot()::text',
      );
      const snapshot = parseSnapshot(opened);
      const rows = new RowBytes(MAX_READ_BYTES, memory);
      const cut = await client.query(new CopyOut(`COPY (${select}) TO STDOUT`, rows)).cut;
      const writer = cut ? await this.connection.renew(client) : client;
      const bytes = rows.take();
      const watermark = await second(
        writer,
        `COMMIT; SELECT pg_logical_emit_message(true, '${WATERMARK_MESSAGE_PREFIX}', '')`,
      );
      const { rows: count, longestRowBytes } = rows;
      return { snapshot, bytes, rows: count, longestRowBytes, cut, watermark: parseLsn(watermark) };
    });
  }

  /**
   * Runs `SELECT …` through COPY as one statement, and writes nothing to the log.
   * @param select SQL without parameters; the caller quotes what it puts in
   */
  async bulk(select: string): Promise<BulkRows> {
    const rows = new RowBytes(MAX_READ_BYTES);
    const cut = await this.bulkInto(select, rows);
    return { bytes: rows.take(), rows: rows.rows, cut };
  }

  /** Like {@link bulk}, row by row. @returns true when the sink had enough: there may be more rows */
  async bulkInto(select: string, rows: RowSink): Promise<boolean> {
    return this.guarded(async (client) => {
      const cut = await client.query(new CopyOut(`COPY (${select}) TO STDOUT`, rows)).cut;
      if (cut) await this.connection.giveUp(client);
      return cut;
    });
  }

  /** Writes a message to the log; everything that any reader saw before stands before it. @returns its position */
  async watermark(): Promise<Lsn> {
    return this.guarded(async (client) => {
      const { rows } = await client.query<{ lsn: string }>({
        text: `SELECT pg_logical_emit_message(true, '${WATERMARK_MESSAGE_PREFIX}', '')::text AS lsn`,
        types: TEXT_ONLY,
      });
      return parseLsn(rows[0]?.lsn ?? '');
    });
  }

  /** What a statement sees now. */
  async snapshot(): Promise<Snapshot> {
    return this.guarded(async (client) => {
      const { rows } = await client.query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot');
      return parseSnapshot(rows[0]?.snapshot ?? '');
    });
  }

  /**
   * The table's columns as they are now.
   * @throws {LostColumnsError} when one that the data set carries is not among them
   */
  async columns(table: ReadTable): Promise<Columns> {
    return this.guarded(async (client) => {
      const { rows } = await client.query<{ attname: string; atttypid: string }>({
        text: columnsSelect(table),
        types: TEXT_ONLY,
      });
      const columns = rows.map(({ attname, atttypid }) => ({ name: attname, typeOid: Number(atttypid) }));
      const names = columns.map(({ name }) => name);
      const lost = LostColumnsError.of(tableName(table.table), table.carried, names);
      if (lost) throw lost;
      return columns;
    });
  }

  /** Runs a query with one text-array parameter. The rows and the snapshot are of one statement; values are texts. */
  async rows(query: string, keys: readonly string[]): Promise<SnapshotRows> {
    return this.guarded(async (client) => {
      const result = await client.query<(string | null)[]>({
        text: `SELECT "~".s, "~q".* FROM (SELECT pg_current_snapshot()::text AS s) "~" LEFT JOIN (${query}) "~q" ON true`,
        values: [keys],
        rowMode: 'array',
        types: TEXT_ONLY,
      });
      const rows = result.rows;
      const fields = result.fields.slice(1).map(({ name, dataTypeID }) => ({ name, typeOid: dataTypeID }));
      const snapshot = parseSnapshot(rows[0]?.[0] ?? '');
      // The outer join gives one row of nulls when the query has none; a real row has its key.
      const found = rows.map((row) => row.slice(1)).filter((row) => row[0] !== null);
      return { snapshot, fields, rows: found };
    });
  }

  /** What was asked for before and has not begun does not begin any more. */
  close(): Promise<void> {
    this.closed++;
    return this.connection.close();
  }

  /** One after the other: a reading that nobody wants any more may still be under way when the next one begins. */
  private guarded<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { closed } = this;
    const done = this.before.then(() => {
      if (this.closed !== closed) throw new ConnectionGivenUpError();
      return this.unlessBroken(work);
    });
    this.before = done.catch(() => undefined); // told to whoever asked for it
    return done;
  }

  private async unlessBroken<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.connection.get();
    try {
      return await work(client);
    } catch (error) {
      await this.connection.giveUp(client);
      return asLostColumn(error);
    }
  }
}

/**
 * For what a query of OperationsDB rejects with.
 * @throws {LostColumnsError} when a column is not there any more, else the error itself
 */
export function asLostColumn(error: unknown): never {
  if (!(error instanceof DatabaseError) || error.code !== UNDEFINED_COLUMN) throw error;
  const name = /^column (.+) does not exist$/.exec(error.message)?.[1];
  throw new LostColumnsError(`OperationsDB no longer has the column ${name ?? 'of a query'}`, { cause: error });
}

/** Two statements in one round trip. @returns the second one's only value */
async function second(client: Client, statements: string): Promise<string> {
  const results = (await client.query({ text: statements, rowMode: 'array', types: TEXT_ONLY })) as unknown as {
    rows: string[][];
  }[];
  return results[1]?.rows[0]?.[0] ?? '';
}
