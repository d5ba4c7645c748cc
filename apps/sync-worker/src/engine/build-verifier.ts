import { createVerifier, type VerifiedTarget, type Verifier } from '@astro/apply';
import type { DataSet } from '@astro/catalogue';
import { PgLaneJournal, PgLaneLedger, type RegisteredLane } from '@astro/ledger';
import type { Redis } from 'ioredis';
import type { LaneEnvironment } from './build-lane.js';
import { joinedStrategy, postgresOptions, readTables, redisOptions } from './lane-parts.js';

/** What a verifier needs of what the lanes of a process share. */
export interface VerifierEnvironment extends Omit<LaneEnvironment, 'cache' | 'tasks' | 'recent' | 'log'> {
  /** CacheDB; the verifier makes connections of its own like this one. */
  readonly cache: Redis;
  /** Asks for the lane to be moved on; called often while it is waited for. */
  readonly wake: (lane: string) => void;
}

/** Compares a data set's source and target, in whatever process; somebody else moves the lane. */
export function buildVerifier(
  dataSet: DataSet,
  registered: RegisteredLane,
  environment: VerifierEnvironment,
): Verifier {
  const { sourceId, ledgerPool, journalWriter, slots, wake } = environment;
  const tables = readTables(dataSet, registered.tables, environment.sourceTables);
  const isJoined = dataSet.kind === 'joined';
  return createVerifier({
    connection: environment.operations,
    tables,
    joined: isJoined ? (source) => joinedStrategy(dataSet, { source, tables, slots }) : null,
    to: targetOf(dataSet, registered, environment),
    chunkRows: dataSet.chunkRows,
    slots,
    ledger: new PgLaneLedger(ledgerPool, { sourceId, tables: registered.tables, withBefore: isJoined, recent: null }),
    journal: new PgLaneJournal(ledgerPool, journalWriter, registered.id),
    wake: () => wake(registered.name),
    isScheduled: dataSet.mode === 'scheduled',
  });
}

function targetOf(
  dataSet: DataSet,
  registered: RegisteredLane,
  { cache, system }: VerifierEnvironment,
): VerifiedTarget {
  if (dataSet.target.endpoint === 'cache') {
    return { kind: 'redis', redis: cache, options: redisOptions(dataSet, registered) };
  }
  return { kind: 'postgres', options: postgresOptions(dataSet, registered, system) };
}
