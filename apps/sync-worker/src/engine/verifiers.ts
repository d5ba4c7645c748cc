import { ReadSlots, type Verifier } from '@astro/apply';
import { preflight } from '@astro/capture';
import { problemsError, readCatalogueFile, tablesOf, type DataSet } from '@astro/catalogue';
import { LaneJournalWriter, findLanes, findSource, type RegisteredLane } from '@astro/ledger';
import { createLogger, createPool, createRedis, redisOptions, type SyncEnv } from '@astro/runtime';
import { ConfigError, tableName } from '@astro/sync-core';
import { buildVerifier, type VerifierEnvironment } from './build-verifier.js';
import { indexTables, type SourceTables } from './lane-definitions.js';
import { OPERATIONS, SOURCE_NAME, SYSTEM, databaseAccess, withClient, type DatabaseAccess } from './prepare.js';

const CONNECTIONS = 4;
const CHUNKS_IN_MEMORY = 2;

/** The data sets of the catalogue, each with a way to verify it. */
export interface Verifiers {
  readonly names: readonly string[];
  /** @throws {ConfigError} when the catalogue has no such data set, or no worker has seen it yet */
  open(name: string): Verifier;
}

/**
 * Verifiers for a process without lanes: the worker, elsewhere, moves those.
 * @throws {ConfigError} with every problem of the catalogue
 */
export async function withVerifiers<T>(config: SyncEnv, use: (verifiers: Verifiers) => Promise<T>): Promise<T> {
  const found = await lookUp(config);
  return withEnvironment(config, found, (environment) => {
    const open = (name: string): Verifier => {
      const dataSet = found.dataSets.find((one) => one.name === name);
      if (!dataSet) throw new ConfigError(`The catalogue has no data set ${name}`);
      return buildVerifier(dataSet, laneOf(dataSet, found.lanes), environment);
    };
    return use({ names: found.dataSets.map(({ name }) => name), open });
  });
}

interface Found {
  readonly sourceId: number;
  readonly dataSets: readonly DataSet[];
  readonly sourceTables: SourceTables;
  readonly lanes: readonly RegisteredLane[];
  readonly access: DatabaseAccess;
}

async function lookUp(config: SyncEnv): Promise<Found> {
  const read = await readCatalogueFile(config.catalogueFile);
  const access = databaseAccess(config, read, 'sync verify');
  const checked = await withClient(access.operations, OPERATIONS, (client) => preflight(client, read));
  const problems = checked.problems.filter(({ kind }) => kind !== 'gap');
  if (problems.length > 0) throw problemsError(problems);
  const stored = await withClient(access.system, SYSTEM, async (client) => {
    const source = await findSource(client, SOURCE_NAME);
    return source && { id: source.id, lanes: await findLanes(client, source.id) };
  });
  if (!stored) throw new ConfigError('Nothing has been synchronized yet; start the worker first');
  const { dataSets } = checked.catalogue;
  return { sourceId: stored.id, lanes: stored.lanes, dataSets, sourceTables: indexTables(checked.tables), access };
}

/** The lane with its tables in the order of the catalogue: of a joined data set the root first. */
function laneOf(dataSet: DataSet, lanes: readonly RegisteredLane[]): RegisteredLane {
  const lane = lanes.find(({ name }) => name === dataSet.name);
  const tables = tablesOf(dataSet).flatMap(
    (wanted) => lane?.tables.filter(({ table }) => tableName(table) === tableName(wanted)) ?? [],
  );
  if (!lane || tables.length !== tablesOf(dataSet).length) {
    throw new ConfigError(`Data set ${dataSet.name} is new in the catalogue; start the worker with it first`);
  }
  return { ...lane, tables };
}

async function withEnvironment<T>(
  { connections, logLevel }: SyncEnv,
  { sourceId, sourceTables, access }: Found,
  use: (environment: VerifierEnvironment) => Promise<T>,
): Promise<T> {
  const log = createLogger('sync', { level: logLevel });
  const ledgerPool = createPool({ ...access.system, max: CONNECTIONS }, log);
  const cache = createRedis(redisOptions(connections.cacheUrl, { ...connections.link, connectionName: 'sync' }), log);
  const journalWriter = new LaneJournalWriter(ledgerPool, () => undefined); // a verifier writes nothing down
  const slots = new ReadSlots(CHUNKS_IN_MEMORY);
  try {
    const shared = { sourceId, sourceTables, ...access, ledgerPool, journalWriter, cache, slots };
    return await use({ ...shared, wake: () => undefined }); // the worker hears of changes by itself
  } finally {
    await journalWriter.close();
    await ledgerPool.end();
    cache.disconnect();
  }
}
