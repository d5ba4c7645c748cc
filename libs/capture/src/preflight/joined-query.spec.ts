import { waitFor } from '@astro/testing';
import { openSource, preflightLines, type TestSource } from './source.fixture.js';

let source: TestSource;
beforeAll(async () => {
  source = await openSource('joined');
  await source.sql(`SET search_path = public;
    CREATE TABLE agencies (user_id text PRIMARY KEY, legal_name text);
    CREATE TABLE launches (id text PRIMARY KEY, agency_id text REFERENCES agencies, at date NOT NULL);
    CREATE TABLE bookings (id int PRIMARY KEY, launch_id text REFERENCES launches, seats int NOT NULL);
    ALTER TABLE bookings REPLICA IDENTITY FULL;
    CREATE TABLE notes (id int PRIMARY KEY, launch_id text);
    CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY HASH (id);
    CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 1, REMAINDER 0);
    INSERT INTO agencies VALUES ('a', 'Agency');
    INSERT INTO launches VALUES ('l1', 'a', '2030-01-01'), ('l2', 'a', '2030-01-02');
    INSERT INTO bookings VALUES (1, 'l1', 2), (2, 'l1', 3);
    INSERT INTO parts VALUES (1)`);
});
afterAll(() => source.drop());

interface Parts {
  readonly query: string;
  readonly nested?: string;
  readonly reads?: string;
  readonly root?: string;
  readonly key?: string;
}

/** The query stands at line 8, `nested` at 9, `reads` at 10. */
function joined({ query, nested = '[agency]', reads, root = 'public.launches', key = 'id' }: Parts): string {
  const agencies = `{ table: public.agencies, of: user_id, query: 'SELECT id FROM public.launches WHERE agency_id = ANY($1)' }`;
  return `version: 1
dataSets:
  launches:
    from: operations
    to: cache
    root: ${root}
    key: ${key}
    query: ${JSON.stringify(query)}
    nested: ${nested}
    reads: [${reads ?? agencies}]
`;
}

const GOOD = `SELECT l.id, l.at, json_build_object('id', a.user_id) AS agency
FROM public.launches l JOIN public.agencies a ON a.user_id = l.agency_id WHERE l.id = ANY($1)`;
const problemsOf = async (parts: Parts) => (await preflightLines(source.admin, joined(parts))).problems;
const at = (place: string, text: string): unknown =>
  expect.stringContaining(`c.yaml:${place}  data set "launches": ${text}`);

it('accepts a good query, and changes nothing', async () => {
  expect(await problemsOf({ query: GOOD })).toEqual([]);
});

it('understands partitions as their root', async () => {
  const query = 'SELECT id FROM public.parts WHERE id = ANY($1)';
  const yaml = joined({ query, root: 'public.parts', reads: '' }).replace('    nested: [agency]\n', '');
  expect((await preflightLines(source.admin, yaml)).problems).toEqual([]);
});

it.each([
  [
    'a typing error',
    GOOD.replace('a.user_id)', 'a.user_di)'),
    'PostgreSQL refuses the query at line 1, column 44: column a.user_di does not exist; Perhaps you meant to reference the column "a.user_id".',
  ],
  [
    'a table without schema',
    GOOD.replace('public.agencies', 'agencies'),
    'PostgreSQL refuses the query at line 2, column 29: relation "agencies" does not exist; correct the query',
  ],
  [
    'a write',
    "WITH gone AS (DELETE FROM public.notes RETURNING id) SELECT l.id, '{}'::json AS agency FROM public.launches l, gone WHERE l.id = ANY($1)",
    'PostgreSQL refuses the query: cannot execute SELECT in a read-only transaction; correct the query',
  ],
  [
    'a lock',
    `${GOOD} FOR UPDATE`,
    'PostgreSQL refuses the query: cannot execute SELECT FOR UPDATE in a read-only transaction; correct the query',
  ],
  [
    'two statements',
    `${GOOD}; SELECT 1`,
    'PostgreSQL refuses the query: cannot insert multiple commands into a prepared statement; correct the query',
  ],
  [
    'the key in second place',
    GOOD.replace('l.id, l.at', 'l.at, l.id'),
    'the query returns (at) first instead of the key (id); select the key columns first, in the order of key',
  ],
  [
    'one name twice',
    GOOD.replace('l.at,', 'l.at, l.at,'),
    'the query returns two columns "at"; name one of them otherwise with AS',
  ],
  [
    'rows for no key',
    GOOD.replace('l.id = ANY($1)', '$1::text[] IS NOT NULL'),
    'the query returns rows although no key is asked; limit it with WHERE … = ANY($1)',
  ],
])('refuses a query with %s', async (_name, query, message) => {
  expect(await problemsOf({ query })).toEqual([at('8:5', message)]);
});

it('refuses a join that multiplies rows, and tables that reads does not know', async () => {
  const query = GOOD.replace('WHERE', 'LEFT JOIN public.bookings b ON b.launch_id = l.id WHERE');
  const reads = `{ table: public.bookings, column: launch_id }`;
  expect(await problemsOf({ query, reads })).toEqual([
    at('8:5', 'the query returns more than one row for key l1; aggregate what it joins'),
  ]);
  const single = GOOD.replace('l.at,', '(SELECT sum(seats) FROM public.bookings b WHERE b.launch_id = l.id) AS seats,');
  expect(await problemsOf({ query: single })).toEqual([
    at('8:5', 'the query reads public.bookings, but reads does not say how its changes lead to root keys; add'),
  ]);
});

it('refuses nested columns that are missing or not json', async () => {
  expect(await problemsOf({ query: GOOD, nested: '[rocket, at]' })).toEqual([
    at('9:14', 'the query returns no column "rocket"; select it, or remove it here'),
    at('9:22', 'column "at" is not json; build it with json_build_object, or remove it here'),
  ]);
});

it.each([
  [
    'a column that old rows do not tell',
    `{ table: public.notes, column: launch_id }`,
    '10:36',
    'a changed or deleted row of public.notes no longer tells its old "launch_id"; ALTER TABLE "public"."notes" REPLICA IDENTITY FULL',
  ],
  [
    'a column that does not exist',
    `{ table: public.bookings, column: lauch_id }`,
    '10:39',
    'public.bookings has no column "lauch_id"; did you mean "launch_id"?',
  ],
  [
    'a query that returns more than keys',
    `{ table: public.notes, of: id, query: 'SELECT id, at FROM public.launches WHERE id = ANY($1)' }`,
    '10:44',
    'the query returns 2 columns instead of the key (id); select the key columns of the root table and nothing else',
  ],
  [
    'a query that asks for nothing',
    `{ table: public.notes, of: id, query: 'SELECT id FROM public.launches WHERE $1::text[] IS NOT NULL' }`,
    '10:44',
    'the query returns keys although nothing is asked; limit it with WHERE … = ANY($1)',
  ],
  [
    'a table that does not exist',
    `{ table: public.agency, column: id }`,
    '10:15',
    'table public.agency does not exist; did you mean public.agencies?',
  ],
])('refuses reads with %s', async (_name, read, place, message) => {
  const agencies = `{ table: public.agencies, of: user_id, query: 'SELECT id FROM public.launches WHERE agency_id = ANY($1)' }`;
  expect(await problemsOf({ query: GOOD, reads: `${read}, ${agencies}` })).toEqual([at(place, message)]);
});

it('takes a query to task that needs too long', async () => {
  const slow = GOOD.replace('l.at,', "(SELECT 'x' FROM pg_sleep(20)) AS x,");
  const client = await source.connect();
  const running = preflightLines(client, joined({ query: slow }));
  // The limit of 15 s is the server's; an administrator ending the query looks the same to us.
  const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
                  WHERE wait_event = 'PgSleep' AND application_name = 'preflight-spec' AND datname = current_database()`;
  await waitFor(async () => (await source.admin.query(cancel)).rowCount! > 0, { what: 'the slow query to run' });
  const { problems } = await running;
  expect(problems).toEqual([at('8:5', 'the query took longer than 15 s for 100 keys; add an index that it can use')]);
});
