import { createDatabase, query, testServers, watchLeaks, type TestDatabase } from '@astro/testing';
import { type DataSource } from 'typeorm';
import { ApiKeyEntity } from './api-key.entity.js';
import { EntryLogEntity } from './entry-log.entity.js';
import { apiGrants, workerGrants } from './grants.js';
import { JobQueueEntity } from './job-queue.entity.js';
import { SessionEntity } from './session.entity.js';
import { systemDataSource } from './system-data-source.js';
import { UserEntity } from './user.entity.js';

const servers = testServers();
const noLeaks = watchLeaks();
let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createDatabase(servers.system, 'entities');
  dataSource = await systemDataSource({ connectionString: database.url }).initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await noLeaks({ databases: [database.url] });
  await database.drop();
});

async function objects(): Promise<string> {
  const [row] = await query<{ names: string }>(
    database.url,
    `SELECT string_agg(n.nspname || '.' || c.relname, ' ' ORDER BY n.nspname, c.relname) AS names
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('public', 'sync', 'access') AND c.relkind <> 'i'
       AND c.relname NOT LIKE 'schema_migrations%'`,
  );
  return row?.names ?? '';
}

it('migrates up, down without leaving anything, and up again', async () => {
  const done = await dataSource.runMigrations({ transaction: 'each' });
  const before = await objects();
  for (let left = done.length; left > 0; left--) await dataSource.undoLastMigration({ transaction: 'each' });
  expect(await objects()).toBe('');
  await dataSource.runMigrations({ transaction: 'each' });
  expect(await objects()).toBe(before);
});

it.each([UserEntity, SessionEntity, ApiKeyEntity, EntryLogEntity, JobQueueEntity])(
  '%p fits its table',
  async (entity) => {
    expect(await dataSource.getRepository<object>(entity).find({ take: 1 })).toEqual([]);
  },
);

describe('rights', () => {
  const roles = { worker: '', api: '' };

  beforeAll(async () => {
    const suffix = database.name.slice(-12);
    Object.assign(roles, { worker: `worker_${suffix}`, api: `api_${suffix}` });
    for (const role of Object.values(roles)) {
      await query(database.url, `CREATE ROLE ${role}`);
      // As an installation may have given by default.
      await query(database.url, `GRANT USAGE ON SCHEMA access TO ${role}`);
      await query(database.url, `GRANT ALL ON ALL TABLES IN SCHEMA public, access TO ${role}`);
    }
    for (const grant of [...workerGrants(roles.worker), ...apiGrants(roles.api)]) await query(database.url, grant);
  });
  afterAll(async () => {
    for (const role of Object.values(roles)) {
      await query(database.url, `DROP OWNED BY ${role}`);
      await query(database.url, `DROP ROLE ${role}`);
    }
  });

  it.each([
    ['api', 'public.entry_log', 'SELECT INSERT'],
    ['api', 'public.users', 'SELECT INSERT UPDATE'],
    ['api', 'access.api_keys', 'SELECT INSERT UPDATE'],
    ['api', 'access.sessions', 'SELECT INSERT UPDATE DELETE'],
    ['worker', 'public.entry_log', 'INSERT'],
    ['worker', 'public.users', ''],
    ['worker', 'access.sessions', ''],
    ['worker', 'access.signing_keys', ''],
  ] as const)('the %s may do with %s: %s', async (who, table, verbs) => {
    const [row] = await query<{ verbs: string }>(
      database.url,
      `SELECT coalesce(string_agg(v, ' ' ORDER BY n) FILTER (WHERE has_table_privilege($1, $2, v)), '') AS verbs
       FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) WITH ORDINALITY AS t (v, n)`,
      [roles[who], table],
    );
    expect(row?.verbs).toBe(verbs);
  });
});
