import { Client } from 'pg';
import { postgresConfig } from '@astro/runtime';
import { LostColumnsError } from '@astro/sync-core';
import { createDatabase, query, testServers, waitFor, type TestDatabase } from '@astro/testing';
import { SourceSession } from './source-session.js';

const NAME = 'source-session spec';
const LARGE = `SELECT repeat('x', 100000) FROM generate_series(1, 1000)`;

let database: TestDatabase;
let source: SourceSession;

beforeAll(async () => {
  database = await createDatabase(testServers().operations, 'source_session');
});

beforeEach(() => {
  source = new SourceSession(postgresConfig(database.url, { applicationName: NAME }));
});

afterEach(() => source.close());
afterAll(() => database.drop());

async function connections(): Promise<number> {
  const [row] = await query<{ n: string }>(
    database.url,
    `SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = '${NAME}'`,
  );
  return Number(row?.n);
}

it('writes the watermark of a reading that was cut on another connection, and keeps that one', async () => {
  const { cut, rows, watermark } = await source.copy(LARGE);
  expect([cut, rows < 1000, watermark > 0n]).toEqual([true, true, true]);
  await waitFor(async () => (await connections()) === 1, { what: 'one connection' });
});

it('opens no connection after it was closed, whatever was under way', async () => {
  await source.snapshot();
  for (const select of ['SELECT 1', LARGE]) {
    const readings = [source.copy(select), source.copy(select), source.copy(select)];
    const ended = Promise.allSettled(readings);
    await readings[0]?.catch(() => undefined); // the others are in the middle now
    await source.close();
    await ended;
    await waitFor(async () => (await connections()) === 0, { what: 'no connection' });
  }
});

it('reads one after the other, each in a snapshot of its own', async () => {
  const other = new Client(postgresConfig(database.url, { applicationName: 'other' }));
  await other.connect();
  await other.query('CREATE TABLE public.held (n int); CREATE TABLE public.counted (n int)');
  await other.query('BEGIN; LOCK TABLE public.held');
  const first = source.copy('SELECT n FROM public.held');
  const second = source.copy('SELECT n FROM public.counted');
  const waits = `SELECT FROM pg_stat_activity WHERE application_name = '${NAME}' AND wait_event_type = 'Lock'`;
  await waitFor(async () => (await query(database.url, waits)).length === 1, { what: 'the first to wait' });
  await query(database.url, 'INSERT INTO public.counted VALUES (1)');
  await other.query('COMMIT');
  await other.end();
  expect([(await first).rows, (await second).rows]).toEqual([0, 1]);
});

it.each([
  ['a reading with a watermark', () => source.copy('SELECT lost FROM public.narrow')],
  ['a reading without one', () => source.bulk('SELECT lost FROM public.narrow')],
  ['a query', () => source.rows('SELECT lost FROM public.narrow WHERE $1::text[] IS NOT NULL', [])],
])('names the column that %s does not find any more', async (_name, read) => {
  await query(database.url, 'CREATE TABLE IF NOT EXISTS public.narrow (id int)');
  const lost = read();
  await expect(lost).rejects.toThrow(LostColumnsError);
  await expect(lost).rejects.toThrow(/no longer has the column "?lost"?, which/);
});
