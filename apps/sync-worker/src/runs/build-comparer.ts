import { RunSource, SourceSession } from '@astro/apply';
import type { DataSet } from '@astro/catalogue';
import type { RegisteredLane } from '@astro/ledger';
import { buildVerifier, type VerifierEnvironment } from '../engine/build-verifier.js';
import { readTables } from '../engine/lane-parts.js';
import type { Comparer } from './comparisons.js';

/** What compares a data set for runs. Its connections are made when needed, and end with `close`. */
export function buildComparer(dataSet: DataSet, lane: RegisteredLane, environment: VerifierEnvironment): Comparer {
  const verifier = buildVerifier(dataSet, lane, environment);
  const session = new SourceSession(environment.operations);
  const tables = readTables(dataSet, lane.tables, environment.sourceTables);
  const source = new RunSource(
    session,
    dataSet.kind === 'joined' ? tables.slice(0, 1) : tables,
    dataSet.target.endpoint === 'system',
  );
  return {
    lane,
    verifier,
    source,
    close: async () => void (await Promise.all([verifier.close(), session.close()])),
  };
}
