import { preflight, preflightSystem, connectOrExplain, type PreflightResult } from '@astro/capture';
import { formatProblem, problemsError, readCatalogueFile, type Catalogue, type Problem } from '@astro/catalogue';
import { registerSource, type RegisteredSource } from '@astro/ledger';
import { postgresConfig, type Logger, type SyncEnv } from '@astro/runtime';
import { ConfigError } from '@astro/sync-core';
import type { ClientBase, ClientConfig } from 'pg';
import type { HealthRegistry } from '../health/health-registry.js';
import { describeDataSets } from './describe-data-sets.js';
import { publishDefinitions } from './publish-definitions.js';
import { checkRedisServers } from './redis-check.js';
import { waitForDatabases } from './wait-for-databases.js';
import { indexTables, laneDefinition, type SourceTables } from './lane-definitions.js';

export const SOURCE_NAME = 'operations';
export const OPERATIONS = { endpoint: 'OperationsDB', variable: 'OPERATIONS_DATABASE_URL' } as const;
/** Tables of this system in SystemDB that no data set may write to. */
export const RESERVED_TABLES = ['users', 'job_queue', 'entry_log', 'sync_health', 'schema_migrations'].map((name) => ({
  schema: 'public',
  name,
}));
export const SYSTEM = { endpoint: 'SystemDB', variable: 'SYSTEM_DATABASE_URL' } as const;

/** How this process reaches the PostgreSQL databases. */
export interface DatabaseAccess {
  readonly operations: ClientConfig;
  readonly system: ClientConfig;
}

export interface Prepared extends DatabaseAccess {
  readonly catalogue: Catalogue;
  readonly tables: SourceTables;
  readonly source: RegisteredSource;
}

/** @throws {ConfigError} when neither the environment nor the catalogue says where OperationsDB is */
export function operationsUrl(env: SyncEnv, catalogue: Catalogue, { setup = false } = {}): string {
  const { operationsUrl: url, operationsSetupUrl } = env.connections;
  const chosen = (setup ? operationsSetupUrl : url) ?? catalogue.source.url;
  if (chosen) return chosen;
  throw new ConfigError('Set OPERATIONS_DATABASE_URL, or source.url in the catalogue: OperationsDB has no address.');
}

export function databaseAccess(env: SyncEnv, catalogue: Catalogue, applicationName: string): DatabaseAccess {
  const options = { ...env.connections.link, applicationName };
  return {
    operations: postgresConfig(operationsUrl(env, catalogue), options),
    system: postgresConfig(env.connections.systemUrl, options),
  };
}

/**
 * Reads the catalogue, checks it against the databases and registers its lanes: all that capture and apply rest on.
 * Waits for a PostgreSQL database that is away.
 * @throws {ConfigError} with every problem of the catalogue and the databases
 */
export async function prepareWhenReachable(env: SyncEnv, log: Logger, health: HealthRegistry): Promise<Prepared> {
  const catalogue = await readCatalogueFile(env.catalogueFile);
  await checkRedisServers(env, log);
  return waitForDatabases(() => prepare(env, catalogue, log), { log, health });
}

async function prepare(env: SyncEnv, catalogue: Catalogue, log: Logger): Promise<Prepared> {
  const access = databaseAccess(env, catalogue, 'sync-worker');
  const checked = await withClient(access.operations, OPERATIONS, (client) => preflight(client, catalogue));
  sayWarnings(checked.warnings, log);
  // A gap does not keep the worker from starting: capture finds it too, marks the data sets and stays loud (P6).
  const problems = checked.problems.filter(({ kind }) => kind !== 'gap');
  if (problems.length > 0) throw problemsError(problems);
  const tables = indexTables(checked.tables);
  const source = await withClient(access.system, SYSTEM, async (client) => {
    await requireMigrations(client);
    await checkSystem(client, checked, log);
    const lanes = checked.catalogue.dataSets.map((dataSet) => laneDefinition(dataSet, tables));
    const registered = await registerSource(client, SOURCE_NAME, lanes);
    await describeDataSets(client, checked.catalogue, tables);
    await publishDefinitions(client, checked.catalogue);
    return registered;
  });
  return { ...access, catalogue: checked.catalogue, tables, source };
}

export async function withClient<T>(
  config: ClientConfig,
  name: typeof OPERATIONS | typeof SYSTEM,
  use: (client: ClientBase) => Promise<T>,
): Promise<T> {
  const client = await connectOrExplain(config, name);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function requireMigrations(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ ready: boolean }>(
    `SELECT to_regclass('sync.runs') IS NOT NULL AND to_regclass('public.entry_log') IS NOT NULL AS ready`,
  );
  if (rows[0]?.ready) return;
  throw new ConfigError('SystemDB is not up to date; run: npm run sync -- migrate');
}

async function checkSystem(client: ClientBase, { catalogue, tables }: PreflightResult, log: Logger): Promise<void> {
  const { problems, warnings } = await preflightSystem(client, { catalogue, tables, reserved: RESERVED_TABLES });
  sayWarnings(warnings, log);
  if (problems.length > 0) throw problemsError(problems);
}

function sayWarnings(warnings: readonly Problem[], log: Logger): void {
  for (const warning of warnings) log.warn({ event: 'preflight.warning' }, formatProblem(warning));
}
