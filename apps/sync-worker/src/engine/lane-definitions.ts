import { tablesOf, type DataSet, type SourceTable } from '@astro/catalogue';
import type { LaneDefinition } from '@astro/ledger';
import { ConfigError, tableName, type TableRef } from '@astro/sync-core';

/** What the preflight knows of the source's tables, by name. */
export type SourceTables = ReadonlyMap<string, SourceTable>;

export function indexTables(tables: readonly SourceTable[]): SourceTables {
  return new Map(tables.map((table) => [tableName(table.table), table]));
}

export function sourceTable(tables: SourceTables, table: TableRef): SourceTable {
  const found = tables.get(tableName(table));
  if (!found) throw new ConfigError(`Table ${tableName(table)} was not examined; run: npm run sync -- check`);
  return found;
}

/** A one-way data set is one lane with the data set's name. */
export function laneDefinition(dataSet: DataSet, tables: SourceTables): LaneDefinition {
  return {
    name: dataSet.name,
    dataSet: dataSet.name,
    target: dataSet.target.endpoint,
    jobType: dataSet.mode === 'realtime' ? 'realtime' : 'batch',
    tables: tablesOf(dataSet).map((table) => {
      const { keyColumns } = sourceTable(tables, table);
      return { table, keyColumns: keyColumnsOf(dataSet, table) ?? keyColumns };
    }),
  };
}

/** The key that the catalogue names for a table, if it does. */
function keyColumnsOf(dataSet: DataSet, table: TableRef): readonly string[] | null {
  if (dataSet.kind === 'joined') return null;
  const flat = dataSet.tables.find(({ source }) => tableName(source) === tableName(table));
  return flat && flat.keyColumns.length > 0 ? flat.keyColumns : null;
}
