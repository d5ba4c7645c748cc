import { createDatabase, query, testServers, type TestDatabase } from '@astro/testing';
import { loadDemo } from './load.js';

const SCALE = 0.01;
let database: TestDatabase;
let said: string[];

beforeEach(async () => {
  database = await createDatabase(testServers().operations, 'demo');
  said = [];
});
afterEach(() => database.drop());

const load = () => loadDemo({ url: database.url, log: (message) => said.push(message), scale: SCALE });

async function one<T>(sql: string): Promise<T | undefined> {
  const [row] = await query<{ value: T }>(database.url, sql);
  return row?.value;
}

it('loads every table and says so', async () => {
  await load();
  expect(said.at(-1)).toMatch(/^Loaded 200 travelers, 2 agencies, 6 rockets, 50 launches, \d+ bookings, \d+ invoices/);
  expect(await one("SELECT relreplident AS value FROM pg_class WHERE oid = 'public.bookings'::regclass")).toBe('f');
  expect(await one(`SELECT count(*)::integer AS value FROM pg_constraint WHERE contype = 'f'`)).toBe(8);
});

it('does nothing the second time, also when both come at once', async () => {
  await Promise.all([load(), load()]);
  const before = await one<string>("SELECT md5(string_agg(t::text, '' ORDER BY id)) AS value FROM public.bookings t");
  await load();
  expect(said.filter((message) => message === 'The demo data are there already.')).toHaveLength(2);
  expect(await one("SELECT md5(string_agg(t::text, '' ORDER BY id)) AS value FROM public.bookings t")).toBe(before);
});

it('keeps its hands off a database that holds some of its tables', async () => {
  await query(database.url, 'CREATE TABLE public.payments (mine integer)');
  await expect(load()).rejects.toThrow('holds some tables of the demo (payments) but not all of them');
  expect(await one("SELECT to_regclass('public.agencies') AS value")).toBeNull();
});

it('leaves nothing behind when it fails on the way', async () => {
  await query(
    database.url,
    'CREATE TABLE public.other (id text); CREATE INDEX bookings_launch_idx ON public.other (id)',
  );
  await expect(load()).rejects.toThrow('bookings_launch_idx');
  expect(await one("SELECT to_regclass('public.agencies') AS value")).toBeNull();
});

it('gives each service that has a role the rights on what it writes', async () => {
  const roles = ['agency_api', 'booking_api', 'finance_api'];
  for (const role of roles) {
    await query(database.url, `DO $$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`);
  }
  await load();
  const may = await query(
    database.url,
    `SELECT role, string_agg(t, ' ' ORDER BY t) AS writes FROM unnest($1::text[]) role,
       unnest(ARRAY['agencies', 'rockets', 'launches', 'travelers', 'bookings', 'invoices', 'payments']) t
     WHERE has_table_privilege(role, 'public.' || t, 'INSERT') GROUP BY role ORDER BY role`,
    [roles],
  );
  expect(may).toEqual([
    { role: 'agency_api', writes: 'agencies launches rockets' },
    { role: 'booking_api', writes: 'bookings travelers' },
    { role: 'finance_api', writes: 'invoices payments' },
  ]);
});
