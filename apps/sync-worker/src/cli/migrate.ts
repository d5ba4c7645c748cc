import { escapeIdentifier } from 'pg';
import { systemDataSource } from '@astro/entities';
import { loadSyncEnv, postgresConfig } from '@astro/runtime';
import { SYSTEM, withClient } from '../engine/prepare.js';
import type { Say } from './sync.js';

/** Brings SystemDB's schema up to date, as its owner, and lets the worker's role use it. */
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
    if (worker.user !== undefined && worker.user !== owner.user) {
      for (const grant of grants(escapeIdentifier(worker.user))) await dataSource.query(grant);
    }
  } finally {
    await dataSource.destroy();
  }
}

function grants(role: string): readonly string[] {
  return [
    `GRANT USAGE ON SCHEMA sync, public TO ${role}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sync TO ${role}`,
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA sync TO ${role}`,
    `GRANT SELECT ON public.job_queue, public.sync_health TO ${role}`,
  ];
}
