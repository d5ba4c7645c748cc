import { escapeLiteral } from 'pg';
import { LostColumnsError, encodeKey, tableName, type Lsn, type RowCondition } from '@astro/sync-core';
import { askInHalves, keyTexts } from '../lane/key-batches.js';
import { RowFilterError, matchCountQuery, matchingKeysQuery, type ColumnTypes, type RowQuery } from './row-filter.js';
import type { SourceSession } from './source-session.js';
import { qualified, storedKeysQuery, type ReadTable } from './table-queries.js';

/** Tables up to this size are counted; of larger ones PostgreSQL's own estimate is told. */
const COUNTED_UP_TO_BYTES = 256 * 1024 * 1024;

const KEYS_AT_ONCE = 500;

export interface RowSelection {
  readonly tableId: number;
  readonly conditions: readonly RowCondition[];
}

/** What a run asks the source besides rows: marks, totals, and the keys that a filter chooses. */
export class RunSource {
  private readonly types = new Map<number, ColumnTypes>();

  /**
   * @param tables whose rows become rows or documents of the target; of a joined data set only its root
   * @param keysAreValues the target has the keys as values of columns, not as texts
   */
  constructor(
    private readonly source: SourceSession,
    private readonly tables: readonly ReadTable[],
    private readonly keysAreValues: boolean,
  ) {}

  /** Everything that committed before the call is in the ledger when capture has passed this. */
  watermark(): Promise<Lsn> {
    return this.source.watermark();
  }

  /** All rows: exact for tables that are counted quickly, else an estimate; null: not even that. */
  async totalRows(): Promise<number | null> {
    let total = 0;
    for (const table of this.tables) {
      const rows = await this.rowsOf(table);
      if (rows === null) return null;
      total += rows;
    }
    return total;
  }

  /** @throws {RowFilterError} when the filter does not fit the table */
  async countMatching(selection: RowSelection): Promise<number> {
    const rows = await this.ask(selection, matchCountQuery);
    return Number(rows[0]?.[0] ?? 0);
  }

  /**
   * The keys of the next rows that match, in key order.
   * @throws {RowFilterError} when the filter does not fit the table
   */
  async matchingKeys(
    selection: RowSelection,
    page: { readonly afterKey: readonly string[] | null; readonly limit: number },
  ): Promise<readonly (readonly string[])[]> {
    return (await this.ask(selection, (request) => matchingKeysQuery(request, page))) as readonly string[][];
  }

  /**
   * A key that means a row but is written otherwise, such as `01`, would be taken for one that the source does not have.
   * One that no row can have is nothing to a target whose keys are values of columns; other targets may hold it.
   * @throws {RowFilterError} naming the first such key
   */
  async checkKeys(tableId: number, keys: readonly string[]): Promise<void> {
    const table = this.tableOf(tableId);
    const width = table.keyColumns.length;
    const possible = new Set<string>();
    const ask = async (part: readonly string[]): Promise<void> => {
      const values = part.flatMap((key) => keyTexts(key, width) ?? []);
      const { rows } = await this.source.rows(storedKeysQuery(table, part.length), values);
      for (const key of part) possible.add(key);
      for (const [place, ...texts] of rows) requireSame(part[Number(place) - 1] ?? '', encodeKey(texts as string[]));
    };
    const written = keys.filter((key) => keyTexts(key, width) !== null);
    for (let at = 0; at < written.length; at += KEYS_AT_ONCE)
      await askInHalves(written.slice(at, at + KEYS_AT_ONCE), ask);
    const impossible = this.keysAreValues ? keys.find((key) => !possible.has(key)) : undefined;
    if (impossible !== undefined)
      throw new RowFilterError(`No row of ${tableName(table.table)} can have the key ${impossible}.`);
  }

  private tableOf(tableId: number): ReadTable {
    const table = this.tables.find(({ id }) => id === tableId);
    if (!table) throw new RowFilterError('The filter names a table whose rows are not rows of this data set.');
    return table;
  }

  private async ask(
    { tableId, conditions }: RowSelection,
    build: (request: Parameters<typeof matchCountQuery>[0]) => RowQuery,
  ): Promise<readonly (readonly (string | null)[])[]> {
    const table = this.tableOf(tableId);
    const types = await this.typesOf(table);
    const { query, values } = build({ table, types, conditions });
    try {
      return (await this.source.rows(query, values)).rows;
    } catch (error) {
      this.types.delete(table.id);
      const reason = misfit(error);
      if (reason !== null)
        throw new RowFilterError(`The filter does not fit ${tableName(table.table)}: ${reason}.`, { cause: error });
      // A column of the filter that was lost meanwhile is none that the data set carries: building it anew tells.
      if (error instanceof LostColumnsError) build({ table, types: await this.typesOf(table), conditions });
      throw error;
    }
  }

  private async typesOf(table: ReadTable): Promise<ColumnTypes> {
    const known = this.types.get(table.id);
    if (known) return known;
    const { rows } = await this.source.rows(
      `SELECT a.attname, format_type(a.atttypid, -1) FROM pg_attribute a
       WHERE a.attrelid = ${regclass(table)} AND a.attnum > 0 AND NOT a.attisdropped AND $1::text[] IS NOT NULL`,
      [],
    );
    const types: ColumnTypes = new Map(rows as readonly (readonly [string, string])[]);
    this.types.set(table.id, types);
    return types;
  }

  private async rowsOf(table: ReadTable): Promise<number | null> {
    const { rows } = await this.source.rows(
      `SELECT sum(pg_table_size(c.oid)), bool_and(c.reltuples >= 0), sum(c.reltuples)::bigint
       FROM (SELECT ${regclass(table)} AS oid UNION SELECT relid FROM pg_partition_tree(${regclass(table)})) parts
       JOIN pg_class c ON c.oid = parts.oid WHERE c.relkind <> 'p' AND $1::text[] IS NOT NULL`,
      [],
    );
    const [bytes, isKnown, estimate] = rows[0] ?? [];
    if (Number(bytes ?? 0) > COUNTED_UP_TO_BYTES) return isKnown === 't' ? Number(estimate) : null;
    const counted = await this.source.rows(
      `SELECT count(*) FROM ${qualified(table.table)} WHERE $1::text[] IS NOT NULL`,
      [],
    );
    return Number(counted.rows[0]?.[0] ?? 0);
  }
}

function requireSame(given: string, stored: string): void {
  if (given === stored) return;
  throw new RowFilterError(`The row of the key ${given} is written ${stored}; name it so.`);
}

function regclass({ table }: ReadTable): string {
  return `${escapeLiteral(qualified(table))}::regclass`;
}

/** Data that a cast refuses, or an operator that a type does not have; other errors are none of the filter's. */
function misfit(error: unknown): string | null {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || typeof message !== 'string') return null;
  return code.startsWith('22') || ['42883', '42804', '42704'].includes(code) ? message : null;
}
