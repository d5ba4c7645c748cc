import {
  JoinedStrategy,
  type PostgresTargetOptions,
  type ReadSlots,
  type ReadTable,
  type RedisTargetOptions,
  type RootLookup,
  type SourceSession,
} from '@astro/apply';
import type { DataSet, JoinedDataSet } from '@astro/catalogue';
import type { RegisteredLane } from '@astro/ledger';
import { tableName, type CapturedTable } from '@astro/sync-core';
import type { ClientConfig } from 'pg';
import { neededColumns, keyTypes, sourceTable, type SourceTables } from './lane-definitions.js';

/** What a data set of the catalogue means for those who read and write it: lanes, and verifiers beside them. */

export function readTables(
  dataSet: DataSet,
  captured: readonly CapturedTable[],
  sources: SourceTables,
): readonly ReadTable[] {
  return captured.map(({ id, table, keyColumns }) => {
    const known = sourceTable(sources, table);
    return { id, table, keyColumns, keyTypes: keyTypes(known), carried: neededColumns(dataSet, known) };
  });
}

export interface StrategyParts {
  readonly source: SourceSession;
  readonly tables: readonly ReadTable[];
  readonly slots: ReadSlots;
}

export function joinedStrategy(dataSet: JoinedDataSet, { source, tables, slots }: StrategyParts): JoinedStrategy {
  const [root, ...read] = tables as [ReadTable, ...ReadTable[]];
  const lookups = new Map<number, RootLookup>([[root.id, { kind: 'key' }]]);
  for (const { table, via } of dataSet.reads) {
    const id = read.find((candidate) => tableName(candidate.table) === tableName(table))?.id;
    if (id === undefined) continue;
    lookups.set(id, 'column' in via ? { kind: 'column', column: via.column } : { kind: 'query', ...via });
  }
  const { query, nested, chunkRows } = dataSet;
  return new JoinedStrategy({ source, root, lookups, query, nested: new Set(nested), chunkRows, slots });
}

/** Where a data set's rows end in SystemDB. */
export function postgresOptions(
  dataSet: DataSet,
  registered: RegisteredLane,
  connection: ClientConfig,
): PostgresTargetOptions {
  if (dataSet.kind !== 'flat') throw new Error(`data set ${dataSet.name}: a joined data set ends in the cache`);
  const tables = registered.tables.map((captured) => {
    const flat = dataSet.tables.find(({ source }) => tableName(source) === tableName(captured.table));
    return {
      tableId: captured.id,
      target: flat?.target ?? captured.table,
      keyColumns: captured.keyColumns,
      columns: flat?.columns ?? null,
    };
  });
  return { connection, lane: registered.name, tables };
}

/** Where a data set's documents end in CacheDB. */
export function redisOptions(dataSet: DataSet, registered: RegisteredLane): RedisTargetOptions {
  if (dataSet.target.endpoint !== 'cache') throw new Error(`data set ${dataSet.name} does not end in the cache`);
  const { keyPrefix, compressOverBytes } = dataSet.target;
  const flat = dataSet.kind === 'flat' ? dataSet.tables : [];
  const tables = registered.tables.map((captured) => ({
    tableId: captured.id,
    keyPrefix,
    keyColumns: captured.keyColumns,
    columns: flat.find(({ source }) => tableName(source) === tableName(captured.table))?.columns ?? null,
  }));
  return {
    lane: registered.name,
    keyPrefix,
    tables: dataSet.kind === 'joined' ? tables.slice(0, 1) : tables,
    compressOverBytes,
  };
}
