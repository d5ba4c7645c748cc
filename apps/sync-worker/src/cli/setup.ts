import { setupSource, setupSystemTargets, teardownSource, connectOrExplain } from '@astro/capture';
import { readCatalogueFile, type Catalogue } from '@astro/catalogue';
import { dropTriggerSql, provenanceSql, triggerSql, uninstallSql } from '@astro/provenance';
import { loadSyncEnv, postgresConfig, type SyncEnv } from '@astro/runtime';
import { OPERATIONS, RESERVED_TABLES, SYSTEM, operationsUrl, withClient } from '../engine/prepare.js';
import { grantReader, sourceTables, targetTables } from './grant-reader.js';
import type { Say } from './sync.js';

export const PROVENANCE = {
  schema: 'sync',
  installSql: provenanceSql(),
  uninstallSql: uninstallSql(),
  triggerSql,
  dropTriggerSql,
};

/** Prepares OperationsDB (origin triggers, publication, grants, slot) and the target tables in SystemDB. Idempotent. */
export async function setup(env: NodeJS.ProcessEnv, say: Say): Promise<void> {
  const config = loadSyncEnv(env);
  const catalogue = await readCatalogueFile(config.catalogueFile);
  const link = { ...config.connections.link, applicationName: 'sync setup' };
  const owner = postgresConfig(operationsUrl(config, catalogue, { setup: true }), link);
  const worker = postgresConfig(operationsUrl(config, catalogue), link);
  const isSeparate = worker.user !== undefined && worker.user !== owner.user;
  const slotClient = isSeparate ? await connectOrExplain(worker, OPERATIONS) : undefined;
  try {
    const result = await withClient(owner, OPERATIONS, (client) =>
      setupSource(client, {
        catalogue,
        provenance: PROVENANCE,
        ...(isSeparate && worker.user !== undefined && { workerRole: worker.user }),
        ...(slotClient && { slotClient }),
      }),
    );
    for (const done of result.done) say(`OperationsDB: ${done}`);
    await letApiReadSource(config, catalogue, say);
    await setupTargets(config, result, say);
  } finally {
    await slotClient?.end();
  }
}

/** Explanations show the row of the source: the API has a role of its own there that may read, and nothing else. */
async function letApiReadSource(config: SyncEnv, catalogue: Catalogue, say: Say): Promise<void> {
  const { operationsReadUrl, link } = config.connections;
  if (operationsReadUrl === null) return;
  const options = { ...link, applicationName: 'sync setup' };
  const owner = postgresConfig(operationsUrl(config, catalogue, { setup: true }), options);
  const { user } = postgresConfig(operationsReadUrl, options);
  if (user === undefined || user === owner.user) return;
  const tables = sourceTables(catalogue);
  const done = await withClient(owner, OPERATIONS, (client) =>
    grantReader(client, { role: user, database: 'OperationsDB', tables }),
  );
  done.forEach(say);
}

type Examined = Pick<Awaited<ReturnType<typeof setupSource>>, 'catalogue' | 'tables'>;

async function setupTargets(config: SyncEnv, { catalogue, tables }: Examined, say: Say): Promise<void> {
  const { systemSetupUrl, systemUrl, link } = config.connections;
  const owner = postgresConfig(systemSetupUrl, { ...link, applicationName: 'sync setup' });
  const { user } = postgresConfig(systemUrl, { ...link, applicationName: 'sync setup' });
  const applyRole = user !== undefined && user !== owner.user ? { applyRole: user } : {};
  const done = await withClient(owner, SYSTEM, (client) =>
    setupSystemTargets(client, { catalogue, tables, reserved: RESERVED_TABLES, ...applyRole }),
  );
  for (const sentence of done) say(`SystemDB: ${sentence}`);
  const role = config.connections.systemApiRole;
  const granted = await withClient(owner, SYSTEM, (client) =>
    grantReader(client, { role, database: 'SystemDB', tables: targetTables(catalogue) }),
  );
  granted.forEach(say);
  say('everything the catalogue needs is in place');
}

/** Takes triggers, publication and slot out of OperationsDB. */
export async function teardown(env: NodeJS.ProcessEnv, say: Say): Promise<void> {
  const config = loadSyncEnv(env);
  const catalogue: Catalogue = await readCatalogueFile(config.catalogueFile);
  const link = { ...config.connections.link, applicationName: 'sync teardown' };
  const owner = postgresConfig(operationsUrl(config, catalogue, { setup: true }), link);
  const { user } = postgresConfig(operationsUrl(config, catalogue), link);
  const workerRole = user !== undefined && user !== owner.user ? { workerRole: user } : {};
  const done = await withClient(owner, OPERATIONS, (client) =>
    teardownSource(client, { source: catalogue.source, provenance: PROVENANCE, ...workerRole }),
  );
  for (const sentence of done) say(`OperationsDB: ${sentence}`);
}
