import { waitFor } from '@astro/testing';
import { Rig } from './testing/rig.fixture.js';

const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, name text, big text);
ALTER TABLE public.items ALTER COLUMN big SET STORAGE EXTERNAL;
CREATE TABLE public."Odd Table" (a int, "größe" text, note text, PRIMARY KEY (a, "größe"));
INSERT INTO public.items SELECT i, 'item ' || i, repeat('x', 5000) FROM generate_series(1, 50) i;
INSERT INTO public."Odd Table" VALUES (1, 'a"b', 'one'), (2, E'tab\\t', NULL)`;

const DATA_SETS = `  items:
    from: operations
    to: cache
    tables: [public.items]
  odd:
    from: operations
    to: cache
    tables: ['public."Odd Table"']
  copies:
    from: operations
    to: system
    tables:
      - table: public.items
        into: public.item_copies`;

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.create(SCHEMA, DATA_SETS);
  await rig.setUp();
  await rig.start();
  await rig.streaming();
});

afterAll(() => rig.destroy());

/** What the source says each document must be, made by PostgreSQL alone. */
async function expectEqual(): Promise<void> {
  await rig.settled();
  const { rows } = await rig.operations.query<{ key: string; document: unknown }>(
    `SELECT id::text AS key, to_json(i) AS document FROM public.items i`,
  );
  const keys = await rig.cache.keys('{items}:*');
  expect(keys.sort()).toEqual(rows.map(({ key }) => `{items}:${key}`).sort());
  const documents = rows.length === 0 ? [] : await rig.cache.mget(rows.map(({ key }) => `{items}:${key}`));
  expect(documents.map((document) => JSON.parse(document ?? 'null') as unknown)).toEqual(
    rows.map(({ document }) => document),
  );
  const copies = await rig.system.query('SELECT * FROM public.item_copies ORDER BY id');
  const items = await rig.operations.query('SELECT * FROM public.items ORDER BY id');
  expect(copies.rows).toEqual(items.rows);
}

it('copies what was there before, odd names and composite keys included', async () => {
  await expectEqual();
  expect(await rig.document('{odd}:["1","a\\"b"]')).toBe('{"a":1,"größe":"a\\"b","note":"one"}');
  expect(await rig.document('{odd}:["2","tab\\t"]')).toBe('{"a":2,"größe":"tab\\t","note":null}');
});

it.each([
  ['an insert', `INSERT INTO public.items VALUES (100, 'new', 'small')`],
  ['an update that leaves a large value alone (W13)', `UPDATE public.items SET name = 'renamed' WHERE id = 1`],
  ['a change of the key that leaves a large value alone', `UPDATE public.items SET id = 1002 WHERE id = 2`],
  [
    'keys that move up by one',
    `UPDATE public.items SET id = -id WHERE id BETWEEN 40 AND 50; UPDATE public.items SET id = 1 - id WHERE id < 0`,
  ],
  ['a delete', `DELETE FROM public.items WHERE id = 20`],
  [
    'a delete and the same key again',
    `DELETE FROM public.items WHERE id = 21; INSERT INTO public.items VALUES (21, 'again', NULL)`,
  ],
  [
    'a savepoint that was rolled back',
    `BEGIN; SAVEPOINT s; DELETE FROM public.items; ROLLBACK TO s; UPDATE public.items SET name = 's' WHERE id = 22; COMMIT`,
  ],
  ['many rows at once', `INSERT INTO public.items SELECT i, 'bulk', NULL FROM generate_series(2000, 12000) i`],
  ['a truncate', `TRUNCATE public.items`],
  [
    'rows after a truncate',
    `INSERT INTO public.items SELECT i, 'after', repeat('y', 4000) FROM generate_series(1, 20) i`,
  ],
  [
    'a truncate with rows in the same transaction',
    `BEGIN; TRUNCATE public.items; INSERT INTO public.items VALUES (5, 'five', repeat('z', 9000)); COMMIT`,
  ],
])('follows %s', async (_name, sql) => {
  await rig.operations.query(sql);
  await expectEqual();
});

it('records who did it and what the server saw', async () => {
  await rig.operations.query(
    `BEGIN; SELECT sync.set_origin('BookingAPI', 'ana', 'rename', 'asked by phone', 'corr-7');
     UPDATE public.items SET name = 'by ana'; COMMIT; UPDATE public.items SET name = 'raw'`,
  );
  await rig.settled();
  const { rows } = await rig.system.query(
    `SELECT service, "user", action, reason, correlation_id, observed_application, unattributed
     FROM public.job_queue WHERE data_set = 'items' ORDER BY id DESC LIMIT 2`,
  );
  expect(rows).toEqual([
    {
      service: null,
      user: null,
      action: null,
      reason: null,
      correlation_id: null,
      observed_application: 'rig',
      unattributed: true,
    },
    {
      service: 'BookingAPI',
      user: 'ana',
      action: 'rename',
      reason: 'asked by phone',
      correlation_id: 'corr-7',
      observed_application: 'rig',
      unattributed: false,
    },
  ]);
});

it('rebuilds a cache that was emptied, by itself (P10)', async () => {
  await rig.cache.flushdb();
  await waitFor(async () => (await rig.cache.exists('{items}:5')) === 1, { what: 'the documents to come back' });
  await rig.streaming();
  await expectEqual();
});

it.each([
  ['while the worker runs', false],
  ['while it is away', true],
])('notices a cache that was put back to an older state %s, though nothing changes (P10)', async (_name, isAway) => {
  const keys = ['sync:lane:{items}:', '{items}:5'];
  await rig.settled();
  const older = await rig.cache.mget(keys);
  await rig.operations.query(`UPDATE public.items SET name = name || '!' WHERE id = 5`);
  await rig.settled();
  if (isAway) await rig.stop();
  await rig.cache.mset(keys.flatMap((key, i) => [key, older[i] ?? '']));
  const repaired = (await rig.cache.keys('{items}:*')).find((key) => !keys.includes(key)) ?? '';
  await rig.cache.del(repaired); // as if it had been written by a run: the ledger does not bring it again
  if (isAway) await rig.start();
  const isMended = async () => (await rig.document('{items}:5')) !== older[1];
  await waitFor(isMended, { what: 'the newer document to come back' });
  await rig.streaming();
  await expectEqual();
});

it('copies again when a column is added, whose default changed rows without an event (W25)', async () => {
  await rig.operations.query(`ALTER TABLE public."Odd Table" ADD COLUMN stars int DEFAULT 3`);
  await rig.operations.query(`UPDATE public."Odd Table" SET note = 'x' WHERE a = 1`);
  await rig.streaming();
  expect(await rig.document('{odd}:["2","tab\\t"]')).toBe('{"a":2,"größe":"tab\\t","note":null,"stars":3}');
});

it('goes on where it stood after a restart, and stores nothing twice (P3)', async () => {
  await rig.stop();
  await rig.operations.query(`UPDATE public.items SET name = 'while stopped'`);
  await rig.start();
  await expectEqual();
  const { rows } = await rig.system.query(
    `SELECT count(*) - count(DISTINCT (commit_lsn, seq)) AS doubled FROM sync.ledger_changes`,
  );
  expect(rows).toEqual([{ doubled: '0' }]);
});

it('leaves the reader of the slot alone while a second worker stands by', async () => {
  await rig.stop();
  const writer = async () =>
    (await rig.system.query<{ writer: string }>('SELECT writer FROM sync.sources')).rows[0]?.writer;
  await rig.start();
  await rig.settled();
  const before = await writer();
  const standby = await rig.start('capture');
  const isStandingBy = async () => {
    const answer = await fetch(`${standby.url}/metrics`);
    return (await answer.text()).includes('sync_worker_component_healthy{component="capture"} 1');
  };
  await waitFor(isStandingBy, { what: 'the second worker to stand by' });
  await rig.operations.query(`UPDATE public.items SET name = 'beside a standby'`);
  await expectEqual();
  expect(await writer()).toBe(before);
});
