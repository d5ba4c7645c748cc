import { createDatabase, testServers, waitFor, watchLeaks, type TestDatabase } from '@astro/testing';
import { type DataSource } from 'typeorm';
import { indexAuditWords } from './audit-indexes.js';
import { AuditSearch1790000740000 } from './migrations/1790000740000-audit-search.js';
import { systemDataSource } from './system-data-source.js';

/** How the indexes of a trail come to be that is in use and may be long. */

const servers = testServers();
const noLeaks = watchLeaks();
const WRITE = `INSERT INTO public.entry_log (action, entity_type, initiator_kind, initiator_name, service, result)
  VALUES ('auth.sign_in', 'session', 'user', 'ana', 'system-api', 'succeeded')`;
const WORDS = ['entry_log_initiator_words_idx', 'entry_log_words_idx'];
const FILTERS = ['entry_log_entity_id_idx', 'entry_log_result_idx', 'entry_log_service_idx'];
const ALL = [...FILTERS, ...WORDS].sort();

let database: TestDatabase;
let dataSource: DataSource;

/** As the version before left it. */
beforeEach(async () => {
  database = await createDatabase(servers.system, 'audit_search');
  dataSource = await systemDataSource({ connectionString: database.url }).initialize();
  await dataSource.runMigrations({ transaction: 'each' });
  await dataSource.undoLastMigration({ transaction: 'each' });
});
afterEach(async () => {
  await dataSource.destroy();
  await noLeaks({ databases: [database.url] });
  await database.drop();
});

/** Indexes of the trail that can be used, of those that searching it needs. */
async function usable(): Promise<readonly string[]> {
  const rows: { name: string }[] = await dataSource.query(
    `SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = 'public.entry_log'::regclass AND i.indisvalid AND c.relname = ANY ($1) ORDER BY c.relname`,
    [ALL],
  );
  return rows.map(({ name }) => name);
}

/** The process that waits for somebody's transaction before it can build an index. */
async function builder(): Promise<number> {
  const waiting = `SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%CREATE INDEX%'`;
  const seen = async () => (await dataSource.query<{ pid: number }[]>(waiting))[0]?.pid;
  return waitFor(seen, { what: 'the build of an index' });
}

/** Has the migration wait for an entry that is being written, while `act` is done. @returns how the migration ended */
async function whileBuilding(act: (pid: number) => Promise<unknown>): Promise<PromiseSettledResult<unknown>> {
  const writer = dataSource.createQueryRunner();
  await writer.startTransaction();
  await writer.query(WRITE);
  const migration = Promise.allSettled([dataSource.runMigrations({ transaction: 'each' })]);
  try {
    await act(await builder());
  } finally {
    await writer.rollbackTransaction();
    await writer.release();
    await migration;
  }
  return (await migration)[0];
}

it('entries are written while the indexes are built', async () => {
  const { status } = await whileBuilding(() =>
    dataSource.query(`BEGIN; SET LOCAL lock_timeout = '5s'; ${WRITE}; COMMIT`),
  );
  expect(status).toBe('fulfilled');
  expect(await usable()).toEqual(ALL);
});

it('a build that was interrupted is done again', async () => {
  const { status } = await whileBuilding((pid) => dataSource.query('SELECT pg_cancel_backend($1)', [pid]));
  expect(status).toBe('rejected');
  await dataSource.runMigrations({ transaction: 'each' });
  expect(await usable()).toEqual(ALL);
});

describe('an owner', () => {
  let owner: string;

  beforeEach(async () => {
    owner = `owner_${database.name.slice(-12)}`;
    await dataSource.query(`CREATE ROLE ${owner}; GRANT ALL ON SCHEMA public, sync TO ${owner};
      ALTER TABLE public.entry_log OWNER TO ${owner}`);
  });
  afterEach(async () => {
    await dataSource.query(`REASSIGN OWNED BY ${owner} TO CURRENT_USER; DROP OWNED BY ${owner}; DROP ROLE ${owner}`);
  });

  async function migrateAsOwner(): Promise<void> {
    const session = dataSource.createQueryRunner();
    try {
      await session.query(`SET ROLE ${owner}`);
      await new AuditSearch1790000740000().up(session);
    } finally {
      await session.query('RESET ROLE');
      await session.release();
    }
  }

  it.each([
    ['who may make no extension', 'DROP EXTENSION pg_trgm'],
    ['who may not look into the schema of pg_trgm', 'CREATE SCHEMA hidden; ALTER EXTENSION pg_trgm SET SCHEMA hidden'],
  ])('%s does without the indexes of words', async (_who, circumstance) => {
    await dataSource.query(circumstance);
    await migrateAsOwner();
    expect(await usable()).toEqual(FILTERS);

    // As `migrate` does every time.
    expect(await indexAuditWords(dataSource)).toBe(true);
    expect(await usable()).toEqual(ALL);
  });
});
