import { asLostColumn } from '@astro/apply';
import { tablesOf, type DataSet } from '@astro/catalogue';
import { stopLane } from '@astro/ledger';
import { LostColumnsError, tableName } from '@astro/sync-core';
import type { ClientBase } from 'pg';
import { neededColumns, sourceTable, type SourceTables } from './lane-definitions.js';
import type { Prepared } from './prepare.js';

/** Names of the columns that each table has now. */
type ColumnsNow = ReadonlyMap<string, readonly string[]>;

/**
 * Stops every data set that has lost a column it carries: until somebody writes to the table, the stream does not tell. A
 * table that is gone as a whole is missing in the publication, too, and found there.
 * @returns names of the data sets that this call stopped
 */
export async function checkColumns(
  operations: ClientBase,
  system: ClientBase,
  { catalogue, tables, source }: Pick<Prepared, 'catalogue' | 'tables' | 'source'>,
): Promise<readonly string[]> {
  const now = await columnsNow(operations, tables);
  const stopped: string[] = [];
  for (const dataSet of catalogue.dataSets) {
    const lost = await lostBy(operations, dataSet, { now, tables });
    const lane = source.lanes.find(({ name }) => name === dataSet.name);
    if (lost && lane && (await stopLane(system, lane.id, lost.message))) stopped.push(dataSet.name);
  }
  return stopped;
}

async function columnsNow(operations: ClientBase, tables: SourceTables): Promise<ColumnsNow> {
  const { rows } = await operations.query<{ name: string; columns: string[] }>(COLUMNS, [
    [...tables.values()].map(({ table }) => table.schema),
    [...tables.values()].map(({ table }) => table.name),
  ]);
  return new Map(rows.map(({ name, columns }) => [name, columns]));
}

async function lostBy(
  operations: ClientBase,
  dataSet: DataSet,
  { now, tables }: { readonly now: ColumnsNow; readonly tables: SourceTables },
): Promise<LostColumnsError | null> {
  let hasLess = false;
  for (const table of tablesOf(dataSet)) {
    const known = sourceTable(tables, table);
    const there = now.get(tableName(table));
    if (!there) return null;
    const lost = LostColumnsError.of(tableName(table), neededColumns(dataSet, known), there);
    if (lost) return lost;
    hasLess ||= known.columns.some(({ name }) => !there.includes(name));
  }
  return hasLess && dataSet.kind === 'joined' ? refusedBy(operations, dataSet.query) : null;
}

/** Only the server knows which columns a query needs: it is asked for no key at all. */
async function refusedBy(operations: ClientBase, query: string): Promise<LostColumnsError | null> {
  try {
    await operations.query(query, [[]]).catch(asLostColumn);
    return null;
  } catch (error) {
    if (error instanceof LostColumnsError) return error;
    throw error;
  }
}

const COLUMNS = `
SELECT t.schema || '.' || t.name AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM unnest($1::text[], $2::text[]) AS t (schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY t.schema, t.name`;
