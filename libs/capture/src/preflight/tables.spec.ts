import { flat, openSource, preflightLines, type TestSource } from './source.fixture.js';

let source: TestSource;
beforeAll(async () => (source = await openSource('tables')));
afterAll(() => source.drop());

const problemsOf = async (yaml: string) => (await preflightLines(source.admin, yaml)).problems;

it.each([
  ['a primary key', 'CREATE TABLE good1 (id int PRIMARY KEY)', 'public.good1'],
  ['a composite key', 'CREATE TABLE good2 (b int, a int, PRIMARY KEY (a, b))', 'public.good2'],
  [
    'an identity index',
    `CREATE TABLE good3 (email text NOT NULL UNIQUE); ALTER TABLE good3 REPLICA IDENTITY USING INDEX good3_email_key`,
    'public.good3',
  ],
  [
    'a unique key under full identity',
    'CREATE TABLE good4 (id int PRIMARY KEY, email text NOT NULL UNIQUE); ALTER TABLE good4 REPLICA IDENTITY FULL',
    '{ table: public.good4, key: email }',
  ],
  [
    'partitions',
    `CREATE TABLE good5 (id int PRIMARY KEY) PARTITION BY RANGE (id);
     CREATE TABLE good5_a PARTITION OF good5 FOR VALUES FROM (0) TO (9) PARTITION BY RANGE (id);
     CREATE TABLE good5_a1 PARTITION OF good5_a FOR VALUES FROM (0) TO (5)`,
    'public.good5',
  ],
  ['odd names', `CREATE SCHEMA "Odd.S"; CREATE TABLE "Odd.S"."a""b" ("I d" int PRIMARY KEY)`, `'"Odd.S"."a""b"'`],
  [
    'a generated column beside',
    'CREATE TABLE good6 (id int PRIMARY KEY, g int GENERATED ALWAYS AS (id) STORED)',
    'public.good6',
  ],
  ['a float key', 'CREATE TABLE good7 (f float8 PRIMARY KEY)', 'public.good7'],
])('takes a table with %s', async (_name, ddl, entry) => {
  await source.sql(`SET search_path = public; ${ddl}`);
  expect(await problemsOf(flat(entry))).toEqual([]);
});

it.each([
  [
    'a missing table',
    'CREATE TABLE bookings (id int PRIMARY KEY)',
    'public.bookngs',
    'table public.bookngs does not exist; did you mean public.bookings?',
  ],
  [
    'another schema',
    'CREATE SCHEMA app; CREATE TABLE app.visits (id int PRIMARY KEY)',
    'public.visits',
    'table public.visits does not exist; did you mean app.visits?',
  ],
  [
    'nothing like it',
    '',
    'public.zzzzzzzzzz',
    'table public.zzzzzzzzzz does not exist; create it, or remove it from the catalogue',
  ],
  [
    'a view',
    'CREATE VIEW v1 AS SELECT 1 AS id',
    'public.v1',
    'public.v1 is a view, which has no change stream; name the tables behind it',
  ],
  [
    'a materialized view',
    'CREATE MATERIALIZED VIEW v2 AS SELECT 1 AS id',
    'public.v2',
    'public.v2 is a materialized view, which has no change stream; name the tables behind it',
  ],
  [
    'an unlogged table',
    'CREATE UNLOGGED TABLE u1 (id int PRIMARY KEY)',
    'public.u1',
    'public.u1 is unlogged, so its changes are not in the log; ALTER TABLE "public"."u1" SET LOGGED',
  ],
  [
    'heirs',
    'CREATE TABLE h1 (id int PRIMARY KEY); CREATE TABLE h2 () INHERITS (h1)',
    'public.h1',
    'other tables inherit from public.h1; use partitions instead, or leave the table out',
  ],
  [
    'no key at all',
    'CREATE TABLE k1 (id int)',
    'public.k1',
    'public.k1 has no primary key; ALTER TABLE "public"."k1" ADD PRIMARY KEY (…)',
  ],
  [
    'a unique index only',
    'CREATE TABLE k2 (id int NOT NULL UNIQUE)',
    'public.k2',
    'public.k2 has no primary key; ALTER TABLE "public"."k2" REPLICA IDENTITY USING INDEX "k2_id_key"',
  ],
  [
    'a deferrable key',
    'CREATE TABLE k3 (id int PRIMARY KEY DEFERRABLE); ALTER TABLE k3 REPLICA IDENTITY FULL',
    'public.k3',
    'the primary key of public.k3 is deferrable, so two rows may share it for a moment; make it NOT DEFERRABLE',
  ],
  [
    'a key that may be null',
    'CREATE TABLE k4 (id int PRIMARY KEY, e text UNIQUE); ALTER TABLE k4 REPLICA IDENTITY FULL',
    '{ table: public.k4, key: e }',
    'key (e) of public.k4 is not unique and never NULL; name the columns of a primary key or of a unique index without NULLs',
  ],
  [
    'a partly unique key',
    'CREATE TABLE k5 (id int PRIMARY KEY, e text NOT NULL); CREATE UNIQUE INDEX ON k5 (e) WHERE id > 0; ALTER TABLE k5 REPLICA IDENTITY FULL',
    '{ table: public.k5, key: e }',
    'key (e) of public.k5 is not unique and never NULL; name the columns of a primary key or of a unique index without NULLs',
  ],
  [
    'a missing key column',
    'CREATE TABLE k6 (email text PRIMARY KEY)',
    '{ table: public.k6, key: emial }',
    'public.k6 has no column "emial"; did you mean "email"?',
  ],
  [
    'a generated key',
    'CREATE TABLE k7 (a int NOT NULL, g int GENERATED ALWAYS AS (a) STORED PRIMARY KEY)',
    'public.k7',
    'key column "g" of public.k7 is generated, so the stream has no value of it; use another key',
  ],
  [
    'a key whose text changes',
    'CREATE TABLE k8 (c regclass PRIMARY KEY)',
    'public.k8',
    'key column "c" of public.k8 is of type regclass, whose text changes; use another key',
  ],
  [
    'a money key',
    'CREATE DOMAIN price AS money; CREATE TABLE k9 (c price PRIMARY KEY)',
    'public.k9',
    'key column "c" of public.k9 is of type price, whose text changes; use another key',
  ],
  [
    'identity nothing',
    'CREATE TABLE i1 (id int PRIMARY KEY); ALTER TABLE i1 REPLICA IDENTITY NOTHING',
    'public.i1',
    'public.i1 has no replica identity, so its UPDATE and DELETE would fail once published; ALTER TABLE "public"."i1" REPLICA IDENTITY DEFAULT',
  ],
  [
    'an identity beside the key (W15)',
    'CREATE TABLE i2 (id int PRIMARY KEY, e text NOT NULL UNIQUE); ALTER TABLE i2 REPLICA IDENTITY USING INDEX i2_e_key',
    'public.i2',
    'the replica identity of public.i2 (e) does not hold key column "id"; ALTER TABLE "public"."i2" REPLICA IDENTITY DEFAULT, or write key: [e]',
  ],
  [
    'a key beside the identity',
    'CREATE TABLE i3 (id int PRIMARY KEY, e text NOT NULL UNIQUE)',
    '{ table: public.i3, key: e }',
    'the replica identity of public.i3 (id) does not hold key column "e"; ALTER TABLE "public"."i3" REPLICA IDENTITY FULL, or write key: [id]',
  ],
  [
    'partitions of another identity',
    'CREATE TABLE p1 (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE p1_a PARTITION OF p1 DEFAULT; ALTER TABLE p1 REPLICA IDENTITY FULL',
    'public.p1',
    'partition public.p1_a has replica identity default, public.p1 has full; ALTER TABLE "public"."p1_a" REPLICA IDENTITY FULL',
  ],
  [
    'a missing column',
    'CREATE TABLE c1 (id int PRIMARY KEY, name text)',
    '{ table: public.c1, columns: [id, nmae] }',
    'public.c1 has no column "nmae"; did you mean "name"?',
  ],
  [
    'a generated column',
    'CREATE TABLE c2 (id int PRIMARY KEY, g int GENERATED ALWAYS AS (id) STORED)',
    '{ table: public.c2, columns: [id, g] }',
    'column "g" of public.c2 is generated, so the stream has no value of it; remove it from columns',
  ],
  [
    'columns without the key',
    'CREATE TABLE c3 (id int PRIMARY KEY, name text)',
    '{ table: public.c3, columns: [name] }',
    'key column "id" is not among the columns; add it to columns',
  ],
])('refuses %s', async (_name, ddl, entry, expected) => {
  await source.sql(`SET search_path = public; ${ddl}`);
  const lines = await problemsOf(flat(entry));
  expect(lines.map((line) => line.replace(/^c\.yaml:6:\d+ {2}data set "rows": /, ''))).toEqual([expected]);
});

it('refuses full identity with a generated column where that makes the application fail', async () => {
  await source.sql(`CREATE TABLE public.full1 (id int PRIMARY KEY, g int GENERATED ALWAYS AS (id) STORED);
                    ALTER TABLE public.full1 REPLICA IDENTITY FULL`);
  const { rows } = await source.admin.query<{ refused: boolean }>(
    `SELECT current_setting('server_version_num')::int >= 180000 AS refused`,
  );
  const line =
    'c.yaml:6:14  data set "rows": public.full1 has REPLICA IDENTITY FULL and the generated column "g", so its UPDATE and ' +
    'DELETE would fail once published; ALTER TABLE "public"."full1" REPLICA IDENTITY DEFAULT, or drop the column';
  expect(await problemsOf(flat('public.full1'))).toEqual(rows[0]!.refused ? [line] : []);
});

it('refuses a partition beside its root, and names the line of each table', async () => {
  await source.sql(`CREATE TABLE public.both (id int PRIMARY KEY) PARTITION BY RANGE (id);
                    CREATE TABLE public.both_a PARTITION OF public.both DEFAULT`);
  const yaml = `${flat('public.both')}  part:\n    from: operations\n    to: cache\n    tables:\n      - public.both_a\n`;
  expect(await problemsOf(yaml)).toEqual([
    'c.yaml:11:9  data set "part": public.both_a is a partition of public.both, which is named too; ' +
      'name only one of them: changes arrive under the name of the upper one',
  ]);
});

it('warns of an enum key, whose values can be renamed without a change of any row', async () => {
  await source.sql(`CREATE TYPE public.mood AS ENUM ('ok'); CREATE TABLE public.moods (m public.mood PRIMARY KEY)`);
  const { warnings } = await preflightLines(source.admin, flat('public.moods'));
  expect(warnings).toContain(
    'c.yaml:6:14  data set "rows": key column "m" of public.moods is an enum; ' +
      'copy the data set again after a value of the enum is renamed',
  );
});

it('refuses tables that the worker role may not read completely', async () => {
  await source.sql(`CREATE SCHEMA secret; CREATE TABLE secret.plain (id int PRIMARY KEY);
                    CREATE TABLE secret.ruled (id int PRIMARY KEY); ALTER TABLE secret.ruled ENABLE ROW LEVEL SECURITY;
                    GRANT USAGE ON SCHEMA secret TO ${source.workerRole};
                    GRANT SELECT ON secret.ruled TO ${source.workerRole}`);
  const role = source.workerRole;
  const yaml = `${flat('secret.plain')}  ruled:\n    from: operations\n    to: cache\n    tables: [secret.ruled]\n`;
  const { problems } = await preflightLines(source.worker, yaml);
  expect(problems).toEqual([
    `c.yaml:6:14  data set "rows": role "${role}" may not read secret.plain; GRANT USAGE ON SCHEMA "secret" TO "${role}"; ` +
      `GRANT SELECT ON "secret"."plain" TO "${role}" (or run: npm run sync -- setup)`,
    `c.yaml:10:14  data set "ruled": row level security of secret.ruled would hide rows from role "${role}"; ` +
      `ALTER ROLE "${role}" BYPASSRLS`,
  ]);
});
