import { parseCatalogue } from '@astro/catalogue';
import { buildInitCatalogue } from './init-catalogue.js';
import { preflight } from './preflight.js';
import { openSource, type TestSource } from './source.fixture.js';

let source: TestSource;
beforeEach(async () => (source = await openSource('init')));
afterEach(() => source.drop());

it('drafts a catalogue that passes its own preflight, and says what it left out', async () => {
  await source.sql(`
    CREATE SCHEMA "App.One";
    CREATE TABLE public.users (id int PRIMARY KEY);
    CREATE TABLE public."Users" (id int PRIMARY KEY);
    CREATE TABLE "App.One"."9 lives" (a int, b int, PRIMARY KEY (a, b));
    CREATE TABLE public.log (line text);
    CREATE UNLOGGED TABLE public.scratch (id int PRIMARY KEY);
    CREATE VIEW public.seen AS SELECT 1 AS id;
    CREATE TABLE public.parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE public.parts_a PARTITION OF public.parts DEFAULT;
    CREATE TEMPORARY TABLE gone (id int PRIMARY KEY)`);
  const url = 'postgres://user:pass%40word@127.0.0.1:5432/db?sslmode=verify-full';
  const { yaml, included, skipped } = await buildInitCatalogue(source.admin, { url });
  expect(included.map(({ name, table }) => [name, table.name])).toEqual([
    ['app-one-9-lives', '9 lives'],
    ['users', 'Users'],
    ['parts', 'parts'],
    ['users-2', 'users'],
  ]);
  expect(skipped.map(({ table, reason }) => [table.name, reason])).toEqual([
    ['log', 'public.log has no primary key; ALTER TABLE "public"."log" ADD PRIMARY KEY (…)'],
    [
      'scratch',
      'public.scratch is unlogged, so its changes are not in the log; ALTER TABLE "public"."scratch" SET LOGGED',
    ],
  ]);
  const catalogue = parseCatalogue(yaml, 'init.yaml');
  expect(catalogue.source.url).toBe(url);
  expect((await preflight(source.admin, catalogue)).problems).toEqual([]);
});

it('says why when not a single table can be used', async () => {
  await expect(buildInitCatalogue(source.admin, { url: null })).rejects.toThrow('it has none at all');
  await source.sql('CREATE TABLE public.log (line text)');
  await expect(buildInitCatalogue(source.admin, { url: null })).rejects.toThrow(
    '- public.log: public.log has no primary',
  );
});

it('leaves out what the role may not read', async () => {
  await source.sql(`CREATE TABLE public.open (id int PRIMARY KEY); CREATE TABLE public.closed (id int PRIMARY KEY);
                    GRANT SELECT ON public.open TO ${source.workerRole}`);
  const { skipped } = await buildInitCatalogue(source.worker, { url: null });
  expect(skipped).toEqual([
    { table: { schema: 'public', name: 'closed' }, reason: 'this role may not read it; GRANT SELECT on it' },
  ]);
});
