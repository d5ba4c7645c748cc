import type { ClientConfig, Pool } from 'pg';
import type { Redis } from 'ioredis';
import {
  FlatStrategy,
  Lane,
  PostgresTarget,
  RedisTarget,
  RunSource,
  SourceSession,
  type CompressionCount,
  type ReadSlots,
  type Target,
} from '@astro/apply';
import type { DataSet } from '@astro/catalogue';
import {
  PgLaneJournal,
  PgLaneLedger,
  type LaneJournalWriter,
  type RecentChanges,
  type RegisteredLane,
} from '@astro/ledger';
import type { LaneTasks } from '@astro/sync-core';
import type { Logger } from '@astro/runtime';
import type { SourceTables } from './lane-definitions.js';
import { joinedStrategy, postgresOptions, readTables, redisOptions } from './lane-parts.js';

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
  /** What runs ask of a lane. */
  readonly tasks: (lane: RegisteredLane) => LaneTasks;
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
  const tables = readTables(dataSet, registered.tables, environment.sourceTables);
  const parts = { source, tables, slots: environment.slots };
  const isJoined = dataSet.kind === 'joined';
  const compression = { rawBytes: 0, storedBytes: 0 };
  const own = isJoined ? tables.slice(0, 1) : tables;
  const { maxAtomicRows } = dataSet;
  const maxRows = Math.min(isJoined ? JOINED_PAGE_ROWS : FLAT_PAGE_ROWS, maxAtomicRows);
  return new Lane({
    name: registered.name,
    ledger: new PgLaneLedger(ledgerPool, { sourceId, tables: registered.tables, withBefore: isJoined, recent }),
    journal: new PgLaneJournal(ledgerPool, journalWriter, registered.id),
    target: targetOf(dataSet, registered, { ...environment, compression }),
    strategy: isJoined ? joinedStrategy(dataSet, parts) : new FlatStrategy({ ...parts, chunkRows: dataSet.chunkRows }),
    limits: { maxRows, maxAtomicRows, maxBytes: PAGE_BYTES },
    isScheduled: dataSet.mode === 'scheduled',
    tasks: {
      port: environment.tasks(registered),
      source: new RunSource(source, own, dataSet.target.endpoint === 'system'),
    },
    compression,
    log: environment.log.child({ lane: registered.name, dataSet: dataSet.name }),
  });
}

function targetOf(dataSet: DataSet, registered: RegisteredLane, environment: TargetParts): Target {
  const { cache, compression, system } = environment;
  if (dataSet.target.endpoint === 'cache') {
    return new RedisTarget(cache(), { ...redisOptions(dataSet, registered), compression });
  }
  return new PostgresTarget(postgresOptions(dataSet, registered, system));
}

interface TargetParts extends LaneEnvironment {
  readonly compression: CompressionCount;
}
