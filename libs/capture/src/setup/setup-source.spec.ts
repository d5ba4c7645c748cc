import { parseCatalogue, type Catalogue } from '@astro/catalogue';
import { parseLsn, type TableRef } from '@astro/sync-core';
import { waitFor } from '@astro/testing';
import { preflight } from '../preflight/preflight.js';
import { openSource, type TestSource } from '../preflight/source.fixture.js';
import { tableSql } from '../preflight/sql-names.js';
import type { ProvenanceSql } from './provenance-sql.js';
import { setupSource } from './setup-source.js';
import { teardownSource } from './teardown-source.js';

const provenance: ProvenanceSql = {
  schema: 'origins',
  installSql: `CREATE SCHEMA IF NOT EXISTS origins;
    CREATE OR REPLACE FUNCTION origins.record() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
  uninstallSql: 'DROP SCHEMA IF EXISTS origins CASCADE',
  triggerSql: (table: TableRef) => `CREATE OR REPLACE TRIGGER origin AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON ${tableSql(table)} FOR EACH STATEMENT EXECUTE FUNCTION origins.record()`,
  dropTriggerSql: (table: TableRef) => `DROP TRIGGER IF EXISTS origin ON ${tableSql(table)}`,
};
const DDL = `CREATE SCHEMA app;
  CREATE TABLE app.rockets (id int PRIMARY KEY, name text);
  CREATE TABLE app."Odd.Launches" (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE app.launches_a PARTITION OF app."Odd.Launches" DEFAULT;
  CREATE TABLE app.notes (id int PRIMARY KEY)`;

let source: TestSource;
let slot: string;
beforeEach(async () => {
  source = await openSource('setup');
  slot = source.workerRole.replace('worker', 'slot'); // slots are the server's, so the name must be this test's own
  await source.sql(DDL);
});
afterEach(() => source.drop());

function catalogueOf(...tables: readonly string[]): Catalogue {
  const entries = tables
    .map((table, i) => `  set${i}: { from: operations, to: cache, tables: ['${table}'] }\n`)
    .join('');
  return parseCatalogue(
    `version: 1\nsource: { publication: Astro Sync, slot: ${slot} }\ndataSets:\n${entries}`,
    'c.yaml',
  );
}

/** Everything that set-up can change, as the server's catalogs show it. */
async function footprint(): Promise<readonly string[]> {
  const { rows } = await source.admin.query<{ line: string }>(
    `SELECT 'publication ' || pubname || ' ' || pubviaroot || ' ' || pubtruncate AS line FROM pg_publication
     UNION ALL SELECT 'publishes ' || schemaname || '.' || tablename || coalesce(' where ' || rowfilter, '')
       FROM pg_publication_tables
     UNION ALL SELECT 'trigger on ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
     UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = 'origins'
     UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots WHERE database = current_database()
     UNION ALL SELECT 'grant on ' || oid::regclass FROM pg_class
       WHERE relnamespace = 'app'::regnamespace AND relacl::text LIKE '%${source.workerRole}%'
     UNION ALL SELECT 'grant on app' FROM pg_namespace WHERE nspname = 'app' AND nspacl::text LIKE '%${source.workerRole}%'`,
  );
  return rows.map(({ line }) => line).sort();
}

const both = () => ({ catalogue: catalogueOf('app.rockets', 'app."Odd.Launches"'), provenance });

it('prepares a source for a role that only captures, and is idempotent', async () => {
  const options = { ...both(), workerRole: source.workerRole };
  const first = await setupSource(source.admin, options);
  expect(first.done).toEqual([
    'installed the origin functions in schema origins',
    'changes of app.rockets carry their origin',
    'changes of app.Odd.Launches carry their origin',
    'changes of app.launches_a carry their origin',
    'made publication Astro Sync for app.rockets, app.Odd.Launches',
    `granted USAGE on schema app to ${source.workerRole}`,
    `granted SELECT on app.rockets to ${source.workerRole}`,
    `granted SELECT on app.Odd.Launches to ${source.workerRole}`,
    `made replication slot ${slot}`,
  ]);
  expect(first.slot).toMatchObject({ name: slot, isNew: true, history: expect.stringMatching(/^\d+\/1$/) });
  expect(first.slot.consistentPoint).toBeGreaterThan(parseLsn('0/0'));
  const after = await footprint();
  expect(after).toEqual([
    'grant on app',
    'grant on app."Odd.Launches"',
    'grant on app.rockets',
    'publication Astro Sync true true',
    'publishes app.Odd.Launches',
    'publishes app.rockets',
    'schema origins',
    `slot ${slot}`,
    'trigger on app."Odd.Launches"',
    'trigger on app.launches_a',
    'trigger on app.rockets',
  ]);
  const check = await preflight(source.worker, options.catalogue);
  expect([check.problems, check.setUp]).toEqual([[], { publication: true, slot: true }]);

  const second = await setupSource(source.admin, options);
  expect(second).toMatchObject({
    done: [],
    slot: { isNew: false, consistentPoint: null, history: first.slot.history },
  });
  expect(await footprint()).toEqual(after);
});

it('follows the catalogue when tables come and go', async () => {
  await setupSource(source.admin, both());
  const { done } = await setupSource(source.admin, { catalogue: catalogueOf('app.rockets', 'app.notes'), provenance });
  expect(done).toEqual([
    'changes of app.notes carry their origin',
    'removed the origin trigger of app.Odd.Launches, which no data set needs any more',
    'removed the origin trigger of app.launches_a, which no data set needs any more',
    'changed publication Astro Sync to exactly app.rockets, app.notes',
  ]);
  expect(await footprint()).toEqual([
    'publication Astro Sync true true',
    'publishes app.notes',
    'publishes app.rockets',
    'schema origins',
    `slot ${slot}`,
    'trigger on app.notes',
    'trigger on app.rockets',
  ]);
});

it('corrects a publication that someone changed', async () => {
  await source.sql(`CREATE PUBLICATION "Astro Sync" FOR TABLE app.rockets WHERE (id > 5) WITH (publish = 'insert')`);
  await setupSource(source.admin, { catalogue: catalogueOf('app.rockets'), provenance });
  expect((await preflight(source.admin, catalogueOf('app.rockets'))).problems).toEqual([]);
});

it('changes nothing when a table cannot be captured', async () => {
  await source.sql('ALTER TABLE app.notes REPLICA IDENTITY NOTHING');
  const catalogue = catalogueOf('app.rockets', 'app.notes');
  await expect(setupSource(source.admin, { catalogue, provenance })).rejects.toThrow(
    'c.yaml:5:49  data set "set1": app.notes has no replica identity, so its UPDATE and DELETE would fail once published; ' +
      'ALTER TABLE "app"."notes" REPLICA IDENTITY DEFAULT',
  );
  expect(await footprint()).toEqual([]);
});

it.each([
  ['nothing', '', []],
  ['an empty publication', `CREATE PUBLICATION "Astro Sync"`, ['publication Astro Sync false true']],
  [
    'another publication',
    `CREATE PUBLICATION "Astro Sync" FOR TABLE app.notes WHERE (id > 5) WITH (publish = 'insert, delete')`,
    ['publication Astro Sync false false', 'publishes app.notes where (id > 5)'],
  ],
])('puts back %s when the slot cannot be made', async (_name, before, expected) => {
  await source.sql(before);
  await source.sql(`ALTER ROLE ${source.workerRole} NOREPLICATION`);
  const options = { ...both(), workerRole: source.workerRole, slotClient: source.worker };
  await expect(setupSource(source.admin, options)).rejects.toThrow(
    `OperationsDB  replication slot "${slot}" could not be made: the role may not stream changes; ALTER ROLE … REPLICATION`,
  );
  expect(await footprint()).toEqual(expected);
});

it('puts everything back when a transaction stays open for too long, and names it', async () => {
  const other = await source.connect();
  await other.query('BEGIN; CREATE TABLE app.pending (id int)');
  const setup = setupSource(source.admin, { ...both(), slotTimeoutMs: 100 });
  await expect(setup).rejects.toThrow(
    /slot "\w+" could not be made: the transaction of session \d+ \(role \S+, application "preflight-spec"\) is still open; nothing was changed/,
  );
  await other.query('ROLLBACK');
  expect(await footprint()).toEqual([]);
});

it('waits for a gap between transactions, and then succeeds', async () => {
  const writer = await source.connect();
  const observer = await source.connect();
  await writer.query('BEGIN; INSERT INTO app.rockets VALUES (1)');
  const setup = setupSource(source.admin, { ...both(), limits: { lockTimeoutMs: 20 } });
  const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE%'
                   AND datname = current_database()`;
  await waitFor(async () => (await observer.query(waiting)).rowCount! > 0, { what: 'set-up to ask for its locks' });
  await writer.query('COMMIT');
  expect((await setup).slot.isNew).toBe(true);
});

it('gives up without a change when there is no gap, names who is in the way, and never makes writers wait', async () => {
  const writer = await source.connect();
  await writer.query('BEGIN; INSERT INTO app.rockets VALUES (1)');
  const setup = setupSource(source.admin, { ...both(), limits: { lockTimeoutMs: 20, giveUpAfterMs: 300 } });
  await expect(setup).rejects.toMatchObject({
    code: 'SYNC_SOURCE_BUSY',
    message: expect.stringMatching(/because of session \d+ \(role \S+, application "preflight-spec", open for \d+ s\)/),
  });
  const second = await source.connect();
  await second.query(`SET lock_timeout = '1s'; INSERT INTO app.rockets VALUES (2)`);
  await writer.query('COMMIT');
  expect(await footprint()).toEqual([]);
});

it('refuses a worker role that does not exist', async () => {
  await expect(setupSource(source.admin, { ...both(), workerRole: 'nobody_at_all' })).rejects.toThrow(
    'OperationsDB  role "nobody_at_all" does not exist; CREATE ROLE it first',
  );
  expect(await footprint()).toEqual([]);
});

it('tells a role without the rights whom to ask, and changes nothing', async () => {
  await source.sql(`GRANT USAGE ON SCHEMA app TO ${source.workerRole}`);
  await expect(setupSource(source.worker, both())).rejects.toThrow(
    /^OperationsDB {2}this role may not set up \(permission denied .*\); set OPERATIONS_SETUP_DATABASE_URL to the role that owns/,
  );
  expect(await footprint()).toEqual(['grant on app']);
});

it('takes everything away again, once', async () => {
  await source.sql(`GRANT SELECT ON app.notes TO ${source.workerRole}`); // somebody else's grant stays
  const { catalogue } = both();
  await setupSource(source.admin, { ...both(), workerRole: source.workerRole });
  const options = { source: catalogue.source, provenance, workerRole: source.workerRole };
  const done = await teardownSource(source.admin, options);
  expect(done).toContain(`removed replication slot ${slot}`);
  expect(await footprint()).toEqual(['grant on app.notes']);
  expect(await teardownSource(source.admin, options)).toEqual([]);
});
