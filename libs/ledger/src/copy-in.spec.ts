import { Client } from 'pg';
import { postgresConfig } from '@astro/runtime';
import { query, testServers, waitFor } from '@astro/testing';
import { CopyIn } from './copy-in.js';

const COPY_A = 'COPY pg_temp.a FROM STDIN';
const COPY_B = 'COPY pg_temp.b FROM STDIN';
let client: Client;

beforeEach(async () => {
  const { system, caFile } = testServers();
  client = new Client(postgresConfig(system, { applicationName: 'copy-in spec', caFile }));
  client.on('error', () => undefined); // the statements that run tell
  await client.connect();
  await client.query('CREATE TEMP TABLE a (n int, t text); CREATE TEMP TABLE b (n int UNIQUE DEFERRABLE)');
});

afterEach(() => client.end().catch(() => undefined));

function run(statements: readonly string[], ...rows: (readonly string[])[]): Promise<void> {
  const chunks = rows.map((each) => each.map((text) => Buffer.from(text)));
  return client.query(new CopyIn(statements.join('; '), chunks)).done;
}

async function stored(): Promise<{ a: number; b: number; bytes: number }> {
  const { rows } = await client.query<{ a: number; b: number; bytes: number }>(
    `SELECT (SELECT count(*)::int FROM pg_temp.a) AS a, (SELECT count(*)::int FROM pg_temp.b) AS b,
       (SELECT coalesce(sum(length(t)), 0)::int FROM pg_temp.a) AS bytes`,
  );
  return rows[0] ?? { a: -1, b: -1, bytes: -1 };
}

it('runs all statements with the rows of each, however the lines are divided', async () => {
  await run(['BEGIN', COPY_A, 'SELECT 42', COPY_B, 'COMMIT'], ['1\tx\n2', '\ty', 'z\n'], ['7\n']);
  expect(await stored()).toEqual({ a: 2, b: 1, bytes: 3 });
  await run(['BEGIN', COPY_A, COPY_B, 'COMMIT'], [], ['8\n']);
  expect(await stored()).toMatchObject({ a: 2, b: 2 });
  await run(['BEGIN', 'SELECT 42', 'COMMIT']);
});

it('brings more than any buffer on the way holds', async () => {
  const text = 'x'.repeat(1_000_000);
  const lines = Array.from({ length: 30 }, (_none, i) => `${i}\t${text}\n`);
  await run(['BEGIN', COPY_A, COPY_B, 'COMMIT'], lines, ['1\n']);
  expect(await stored()).toEqual({ a: 30, b: 1, bytes: 30_000_000 });
});

it.each([
  ['a line that is none', ['BEGIN', COPY_A, COPY_B, 'COMMIT'], '22P04', '1\n'],
  ['a value that does not fit', ['BEGIN', COPY_A, COPY_B, 'COMMIT'], '22P02', 'one\tx\n'],
  ['a table that is not there', ['BEGIN', 'COPY nothing FROM STDIN', COPY_B, 'COMMIT'], '42P01', '1\tx\n'],
  ['the second rows', ['BEGIN', COPY_A, COPY_B, 'COMMIT'], '22P02', '1\tx\n', 'none\n'],
  ['rows of a transaction that was begun before', [COPY_A, COPY_B, 'COMMIT'], '22P04', '1\n'],
  [
    'what a commit finds',
    ['BEGIN', COPY_A, COPY_B, 'SET CONSTRAINTS ALL DEFERRED', 'COMMIT'],
    '23505',
    '1\tx\n',
    '1\n1\n',
  ],
  ['a statement behind the rows', ['BEGIN', COPY_A, COPY_B, 'SELECT 1 / 0', 'COMMIT'], '22012', '1\tx\n'],
])('tells of %s, and nothing of the rest is run', async (_name, statements, code, line, others = '1\n') => {
  await client.query(`${statements[0] === 'BEGIN' ? '' : 'BEGIN; '}SELECT 1`);
  await expect(run(statements, [line.repeat(100_000)], [others])).rejects.toMatchObject({ code });
  await client.query('ROLLBACK');
  expect(await stored()).toMatchObject({ a: 0, b: 0 });
});

it('tells when the connection ends in the middle', async () => {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const running = run(['BEGIN', COPY_A, 'SELECT pg_sleep(600)'], ['1\tx\n']);
  const failed = expect(running).rejects.toThrow(/terminat/i);
  const ended = () =>
    query<{ ended: boolean }>(
      testServers().system,
      `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE pid = ${rows[0]?.pid} AND wait_event = 'PgSleep'`,
    );
  await waitFor(async () => (await ended())[0]?.ended, { what: 'the statement to run' });
  await failed;
  await expect(run(['SELECT 1'])).rejects.toThrow();
});
