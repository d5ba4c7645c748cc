import { apiGrants, indexAuditWords, systemDataSource, workerGrants } from '@astro/entities';
import { loadSyncEnv, postgresConfig } from '@astro/runtime';
import { SYSTEM, withClient } from '../engine/prepare.js';
import type { Say } from './sync.js';

const NO_TRIGRAMS =
  'pg_trgm cannot be had in SystemDB: searching words in a long audit trail is slow. Install it there and run migrate again';

/** Brings SystemDB's schema up to date, as its owner, and gives the worker's role and the API's role their rights. */
export async function migrate(env: NodeJS.ProcessEnv, say: Say): Promise<void> {
  const { connections } = loadSyncEnv(env);
  const options = { ...connections.link, applicationName: 'sync migrate' };
  const owner = postgresConfig(connections.systemSetupUrl, options);
  const worker = postgresConfig(connections.systemUrl, options);
  // TypeORM would explain a refused connection less clearly.
  await withClient(owner, SYSTEM, () => Promise.resolve());
  const dataSource = await systemDataSource(owner).initialize();
  try {
    const done = await dataSource.runMigrations({ transaction: 'each' });
    for (const { name } of done) say(`migrated SystemDB: ${name}`);
    if (done.length === 0) say('SystemDB is up to date');
    // pg_trgm may have been installed since.
    if (!(await indexAuditWords(dataSource))) say(NO_TRIGRAMS);
    if (worker.user !== undefined && worker.user !== owner.user) {
      for (const grant of workerGrants(worker.user)) await dataSource.query(grant);
    }
    const api = connections.systemApiRole;
    const known: unknown[] = await dataSource.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [api]);
    if (known.length > 0 && api !== owner.user) {
      for (const grant of apiGrants(api)) await dataSource.query(grant);
    }
  } finally {
    await dataSource.destroy();
  }
}
