import type { PreflightTable } from '@astro/capture';
import { tablesOf, type DataSet } from '@astro/catalogue';
import type { LaneDefinition } from '@astro/ledger';
import { ConfigError, tableName, type TableRef } from '@astro/sync-core';

/** What the preflight knows of the source's tables, by name. */
export type SourceTables = ReadonlyMap<string, PreflightTable>;

export function indexTables(tables: readonly PreflightTable[]): SourceTables {
  return new Map(tables.map((table) => [tableName(table.table), table]));
}

export function sourceTable(tables: SourceTables, table: TableRef): PreflightTable {
  const found = tables.get(tableName(table));
  if (!found) throw new ConfigError(`Table ${tableName(table)} was not examined; run: npm run sync -- check`);
  return found;
}

/** SQL types of the key columns, for comparisons with their texts. */
export function keyTypes({ keyColumns, columnTypes }: PreflightTable): readonly string[] {
  return keyColumns.map((name) => columnTypes.find((column) => column.name === name)?.typeName ?? 'text');
}

/** The columns of a table that a data set cannot do without; what else a joined one needs stands in its queries. */
export function neededColumns(dataSet: DataSet, known: PreflightTable): readonly string[] {
  return namedColumns(dataSet, known) ?? known.columns.map(({ name }) => name);
}

/** @returns null when the data set takes whatever columns the table has */
function namedColumns(dataSet: DataSet, { table, keyColumns }: PreflightTable): readonly string[] | null {
  const isIt = (other: TableRef) => tableName(other) === tableName(table);
  if (dataSet.kind === 'flat') return dataSet.tables.find(({ source }) => isIt(source))?.columns ?? null;
  const ways = dataSet.reads
    .filter((read) => isIt(read.table))
    .map(({ via }) => ('column' in via ? via.column : via.of));
  return [...new Set([...(isIt(dataSet.root) ? keyColumns : []), ...ways])];
}

/** A one-way data set is one lane with the data set's name. */
export function laneDefinition(dataSet: DataSet, tables: SourceTables): LaneDefinition {
  return {
    name: dataSet.name,
    dataSet: dataSet.name,
    target: dataSet.target.endpoint,
    jobType: dataSet.mode === 'realtime' ? 'realtime' : 'batch',
    tables: tablesOf(dataSet).map((table) => {
      const known = sourceTable(tables, table);
      const { keyColumns, columns } = known;
      return { table, keyColumns, columns, carried: namedColumns(dataSet, known) };
    }),
  };
}
