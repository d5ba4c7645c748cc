import type { ClientConfig } from 'pg';
import { encodeKey } from '@astro/sync-core';
import { linesOf } from '../../copy/copy-bytes.js';
import type { SourceSession } from '../../source/source-session.js';
import type { KeySpan, ReadTable } from '../../source/table-queries.js';
import { shapeOf, writableColumns } from '../../targets/postgres/batch-plan.js';
import type { PostgresTargetTable, TableShape } from '../../targets/postgres/table-shape.js';
import { TargetSession } from '../../targets/postgres/target-session.js';
import type { VerifyRange, WalkStep } from '../model.js';
import type { Walk } from '../sides.js';
import { boundaryKey, lineTexts, tableOf } from '../tables.js';
import { sourceDigestSql, sourceHashesSql, targetDigestSql, targetHashesSql } from './range-sql.js';

export interface PostgresWalkOptions {
  /** Of its own. */
  readonly session: SourceSession;
  readonly tables: readonly ReadTable[];
  /** SystemDB. */
  readonly connection: ClientConfig;
  readonly targets: readonly PostgresTargetTable[];
  readonly chunkRows: number;
}

/** One table on both sides, and the columns that are compared. */
interface Pair {
  readonly table: ReadTable;
  readonly shape: TableShape;
  readonly columns: readonly string[];
}

/**
 * Goes over tables in SystemDB: both servers sum up the hashes of the rows of a range; where the sums differ, the
 * hashes of its rows are compared one by one. Rows that only the target has are in its ranges, too.
 */
export class PostgresWalk implements Walk {
  readonly needsExtras = false;
  private readonly target: TargetSession;

  constructor(private readonly options: PostgresWalkOptions) {
    this.target = new TargetSession(options.connection, options.targets);
  }

  async *range({ tableId, from, to }: VerifyRange, signal: AbortSignal): AsyncGenerator<WalkStep> {
    const { session, chunkRows, tables } = this.options;
    const table = tableOf(tables, tableId);
    const pair = await this.guarded(() => this.pairOf(table));
    let afterKey = from;
    do {
      signal.throwIfAborted();
      const span = { afterKey, toKey: to };
      const boundary = await boundaryKey(session, { table, span, rows: chunkRows });
      yield* this.chunk(pair, { afterKey, toKey: boundary ?? to });
      afterKey = boundary;
    } while (afterKey !== null);
  }

  async *extras(): AsyncGenerator<WalkStep> {
    // a range of the target holds them
  }

  whole(tableId: number, signal: AbortSignal): AsyncGenerator<WalkStep> {
    return this.range({ kind: 'range', tableId, from: null, to: null }, signal);
  }

  async close(): Promise<void> {
    await Promise.all([this.options.session.close(), this.target.close()]);
  }

  private async pairOf(table: ReadTable): Promise<Pair> {
    const described = await this.options.session.columns(table);
    const shape = shapeOf(await this.target.tableShapes(), table.id);
    const names = described.map(({ name }) => name);
    return { table, shape, columns: writableColumns(shape, names) };
  }

  private async *chunk(pair: Pair, span: KeySpan): AsyncGenerator<WalkStep> {
    const { table, shape, columns } = pair;
    const [wanted, held] = await Promise.all([
      this.options.session.bulk(sourceDigestSql(table, columns, span)),
      this.guarded(() => this.target.run(shape, targetDigestSql(shape, columns, span))),
    ]);
    const sums = lineTexts(linesOf(wanted.bytes)[0] ?? '');
    const rows = Number(sums[0]);
    if (sums.join() === held[0]?.join()) yield { rows, same: rows, suspects: [] };
    else yield* this.byRow(pair, span);
  }

  private async *byRow(pair: Pair, span: KeySpan): AsyncGenerator<WalkStep> {
    const left = await this.sourceHashes(pair, span);
    const rows = left.size;
    let same = 0;
    let suspects: string[] = [];
    for await (const page of this.targetHashes(pair, span)) {
      for (const [key, hash] of page) {
        if (left.get(key) === hash) same++;
        else suspects.push(key);
        left.delete(key);
      }
      yield { rows: 0, same: 0, suspects };
      suspects = [];
    }
    yield { rows, same, suspects: [...left.keys()] };
  }

  /** Of at most about one chunk: the span ends where the chunk did. */
  private async sourceHashes({ table, columns }: Pair, span: KeySpan): Promise<Map<string, string>> {
    const hashes = new Map<string, string>();
    let { afterKey } = span;
    for (;;) {
      const { bytes, cut } = await this.options.session.bulk(sourceHashesSql(table, columns, { ...span, afterKey }));
      for (const line of linesOf(bytes)) {
        const texts = lineTexts(line);
        afterKey = texts.slice(0, -1);
        hashes.set(encodeKey(afterKey), texts[texts.length - 1] ?? '');
      }
      if (!cut) return hashes;
    }
  }

  /** In pages: the target may hold any number of rows in the span. */
  private async *targetHashes({ shape, columns }: Pair, span: KeySpan): AsyncGenerator<[string, string][]> {
    const limit = this.options.chunkRows;
    let { afterKey } = span;
    for (;;) {
      const statement = targetHashesSql(shape, columns, { ...span, afterKey, limit });
      const rows = (await this.guarded(() => this.target.run(shape, statement))) as string[][];
      yield rows.map((row) => [encodeKey(row.slice(0, -1)), row[row.length - 1] ?? '']);
      if (rows.length < limit) return;
      afterKey = rows[rows.length - 1]?.slice(0, -1) ?? null;
    }
  }

  /** After an error the connection goes. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.target.close();
      throw error;
    }
  }
}
