import type { ClientConfig, Pool } from 'pg';
import type { Redis } from 'ioredis';
import {
  FlatStrategy,
  JoinedStrategy,
  Lane,
  PostgresTarget,
  RedisTarget,
  SourceSession,
  type LaneStrategy,
  type ReadSlots,
  type ReadTable,
  type RootLookup,
  type Target,
} from '@astro/apply';
import type { DataSet, FlatDataSet, JoinedDataSet } from '@astro/catalogue';
import {
  PgLaneJournal,
  PgLaneLedger,
  type LaneJournalWriter,
  type RecentChanges,
  type RegisteredLane,
} from '@astro/ledger';
import { tableName, type CapturedTable } from '@astro/sync-core';
import type { Logger } from '@astro/runtime';
import { keyTypes, sourceTable, type SourceTables } from './lane-definitions.js';

/** What all lanes of a process share. */
export interface LaneEnvironment {
  readonly sourceId: number;
  readonly sourceTables: SourceTables;
  /** OperationsDB, for copies and joined documents. */
  readonly operations: ClientConfig;
  /** SystemDB, for lanes that end there. */
  readonly system: ClientConfig;
  /** SystemDB, for reading the ledger. */
  readonly ledgerPool: Pool;
  /** What this process has stored in the ledger itself. */
  readonly recent: RecentChanges;
  readonly journalWriter: LaneJournalWriter;
  /** CacheDB: a new connection for each lane that ends there. */
  readonly cache: () => Redis;
  /** Room for chunks of copies. */
  readonly slots: ReadSlots;
  readonly log: Logger;
}

/** A page holds at most this much, so that a lane's memory is bounded whatever the rows hold. */
const PAGE_BYTES = 4 * 1024 * 1024;
/** Many changes lead to few joined documents: a larger page saves rebuilds. */
const JOINED_PAGE_ROWS = 20_000;
const FLAT_PAGE_ROWS = 1000;

export function buildLane(dataSet: DataSet, registered: RegisteredLane, environment: LaneEnvironment): Lane {
  const { sourceId, ledgerPool, journalWriter, recent } = environment;
  const source = new SourceSession(environment.operations);
  const tables = readTables(registered.tables, environment.sourceTables);
  const parts = { source, tables, slots: environment.slots };
  const isJoined = dataSet.kind === 'joined';
  const maxRows = Math.min(isJoined ? JOINED_PAGE_ROWS : FLAT_PAGE_ROWS, dataSet.maxAtomicRows);
  return new Lane({
    name: registered.name,
    ledger: new PgLaneLedger(ledgerPool, { sourceId, tables: registered.tables, withBefore: isJoined, recent }),
    journal: new PgLaneJournal(ledgerPool, journalWriter, registered.id),
    target: targetOf(dataSet, registered, environment),
    strategy: isJoined ? joinedStrategy(dataSet, parts) : flatStrategy(dataSet, parts),
    limits: { maxRows, maxBytes: PAGE_BYTES },
    log: environment.log.child({ lane: registered.name, dataSet: dataSet.name }),
  });
}

function readTables(captured: readonly CapturedTable[], sources: SourceTables): readonly ReadTable[] {
  return captured.map(({ id, table, keyColumns }) => {
    const known = sourceTable(sources, table);
    return { id, table, keyColumns, keyTypes: keyTypes(known) };
  });
}

interface StrategyParts {
  readonly source: SourceSession;
  readonly tables: readonly ReadTable[];
  readonly slots: ReadSlots;
}

function flatStrategy(dataSet: FlatDataSet, parts: StrategyParts): LaneStrategy {
  return new FlatStrategy({ ...parts, chunkRows: dataSet.chunkRows });
}

function joinedStrategy(dataSet: JoinedDataSet, { source, tables, slots }: StrategyParts): LaneStrategy {
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

function targetOf(dataSet: DataSet, registered: RegisteredLane, environment: LaneEnvironment): Target {
  if (dataSet.target.endpoint === 'cache') return redisTarget(dataSet, registered, environment.cache());
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
  return new PostgresTarget({ connection: environment.system, lane: registered.name, tables });
}

function redisTarget(dataSet: DataSet, registered: RegisteredLane, cache: Redis): Target {
  if (dataSet.target.endpoint !== 'cache') throw new Error(`data set ${dataSet.name} does not end in the cache`);
  const { keyPrefix, compressOverBytes } = dataSet.target;
  const flat = dataSet.kind === 'flat' ? dataSet.tables : [];
  const tables = registered.tables.map((captured) => ({
    tableId: captured.id,
    keyPrefix,
    keyColumns: captured.keyColumns,
    columns: flat.find(({ source }) => tableName(source) === tableName(captured.table))?.columns ?? null,
  }));
  return new RedisTarget(cache, {
    lane: registered.name,
    keyPrefix,
    tables: dataSet.kind === 'joined' ? tables.slice(0, 1) : tables,
    compressOverBytes,
  });
}
