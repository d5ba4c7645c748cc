import type { ClientBase } from 'pg';
import type { Catalogue, DataSet } from '@astro/catalogue';
import { registerDataSets, registerSchedules, type DataSetDescription } from '@astro/runs';
import { tableName } from '@astro/sync-core';
import { sourceTable, type SourceTables } from './lane-definitions.js';

/** Writes into SystemDB what people may start runs of, and when the scheduled ones are due. All of it, or nothing. */
export async function describeDataSets(
  client: ClientBase,
  { dataSets }: Catalogue,
  tables: SourceTables,
): Promise<void> {
  const schedules = dataSets.flatMap(({ name, schedule }) => (schedule ? [{ dataSet: name, ...schedule }] : []));
  await client.query('BEGIN');
  try {
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('sync.register'))`);
    await registerDataSets(
      client,
      dataSets.map((dataSet) => description(dataSet, tables)),
    );
    await registerSchedules(client, schedules);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

function description(dataSet: DataSet, tables: SourceTables): DataSetDescription {
  const { name, kind, mode, target } = dataSet;
  const refs = dataSet.kind === 'flat' ? dataSet.tables.map(({ source }) => source) : [dataSet.root];
  const described = refs.map((table) => {
    const { keyColumns, columnTypes } = sourceTable(tables, table);
    return {
      name: tableName(table),
      keyColumns: dataSet.kind === 'joined' ? dataSet.keyColumns : keyColumns,
      columns: columnTypes.map((column) => ({ name: column.name, type: column.typeName })),
    };
  });
  return { name, kind, mode, source: 'operations', target: target.endpoint, tables: described };
}
