import { asLostColumn } from '@astro/apply';
import { tablesOf, type DataSet, type JoinedDataSet } from '@astro/catalogue';
import { stopLane } from '@astro/ledger';
import type { Logger } from '@astro/runtime';
import { LostColumnsError, tableName } from '@astro/sync-core';
import type { ClientBase } from 'pg';
import { neededColumns, sourceTable, type SourceTables } from './lane-definitions.js';
import type { Prepared } from './prepare.js';

/** Names of the columns that each table has now. */
type ColumnsNow = ReadonlyMap<string, readonly string[]>;

/** What the server said of a data set's queries while its tables had these columns. */
interface Answer {
  readonly columns: string;
  readonly lost: LostColumnsError | null;
}

const LOST = 'a source table has lost columns that a data set carries: it stands still';

/**
 * Stops every data set that has lost a column it carries: until somebody writes to the table, the stream does not tell. A
 * table that is gone as a whole is missing in the publication, too, and found there.
 */
export class LostColumnsWatch {
  /** Of joined data sets, by name. */
  private readonly answers = new Map<string, Answer>();
  /** What was logged last of data sets that could not be looked at. */
  private readonly problems = new Map<string, string>();

  constructor(
    private readonly prepared: Pick<Prepared, 'catalogue' | 'tables' | 'source'>,
    private readonly log: Logger,
  ) {}

  /**
   * One data set that cannot be looked at keeps no other from it. What is stopped is logged at once.
   * @param operations must not wait long for locks: all data sets are looked at through it
   */
  async stopLanes(operations: ClientBase, system: ClientBase): Promise<void> {
    const { catalogue, tables } = this.prepared;
    const now = await columnsNow(operations, tables);
    for (const dataSet of catalogue.dataSets) {
      try {
        const lost = await this.lostBy(operations, dataSet, now);
        if (lost) await this.stop(system, dataSet, lost);
        this.problems.delete(dataSet.name);
      } catch (error) {
        this.sayOnce(dataSet, error);
      }
    }
  }

  private async stop(system: ClientBase, { name }: DataSet, lost: LostColumnsError): Promise<void> {
    const lane = this.prepared.source.lanes.find((candidate) => candidate.name === name);
    if (!lane || !(await stopLane(system, lane.id, lost.message))) return;
    this.log.error({ event: 'columns.lost', code: lost.code, lane: name, err: lost }, LOST);
  }

  private sayOnce({ name }: DataSet, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.problems.get(name) === message) return;
    this.problems.set(name, message);
    this.log.warn({ event: 'columns.not_checked', lane: name, err: error }, message);
  }

  private async lostBy(operations: ClientBase, dataSet: DataSet, now: ColumnsNow): Promise<LostColumnsError | null> {
    let hasLess = false;
    const seen: (readonly string[])[] = [];
    for (const table of tablesOf(dataSet)) {
      const known = sourceTable(this.prepared.tables, table);
      const there = now.get(tableName(table));
      if (!there) return null;
      const lost = LostColumnsError.of(tableName(table), neededColumns(dataSet, known), there);
      if (lost) return lost;
      hasLess ||= known.columns.some(({ name }) => !there.includes(name));
      seen.push(there);
    }
    return hasLess && dataSet.kind === 'joined' ? this.refusedBy(operations, dataSet, JSON.stringify(seen)) : null;
  }

  /** A table may go without a column for good that no query needs: the server is asked once. */
  private async refusedBy(
    operations: ClientBase,
    dataSet: JoinedDataSet,
    columns: string,
  ): Promise<LostColumnsError | null> {
    const known = this.answers.get(dataSet.name);
    if (known?.columns === columns) return known.lost;
    const lost = await firstRefusal(operations, dataSet);
    this.answers.set(dataSet.name, { columns, lost });
    return lost;
  }
}

/** Only the server knows which columns a query needs: it plans them, for no key at all, and executes nothing. */
async function firstRefusal(operations: ClientBase, { query, reads }: JoinedDataSet): Promise<LostColumnsError | null> {
  const ways = reads.flatMap(({ via }) => ('query' in via ? [via.query] : []));
  for (const text of [query, ...ways]) {
    try {
      await operations.query(`EXPLAIN ${text}`, [[]]).catch(asLostColumn);
    } catch (error) {
      if (error instanceof LostColumnsError) return error;
      throw error;
    }
  }
  return null;
}

async function columnsNow(operations: ClientBase, tables: SourceTables): Promise<ColumnsNow> {
  const { rows } = await operations.query<{ name: string; columns: string[] }>(COLUMNS, [
    [...tables.values()].map(({ table }) => table.schema),
    [...tables.values()].map(({ table }) => table.name),
  ]);
  return new Map(rows.map(({ name, columns }) => [name, columns]));
}

const COLUMNS = `
SELECT t.schema || '.' || t.name AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM unnest($1::text[], $2::text[]) AS t (schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY t.schema, t.name`;
