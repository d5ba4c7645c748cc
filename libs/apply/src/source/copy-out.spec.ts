import { Client } from 'pg';
import { postgresConfig } from '@astro/runtime';
import { testServers } from '@astro/testing';
import { CopyOut } from './copy-out.js';
import { RowBytes } from './row-bytes.js';

let client: Client;

beforeEach(async () => {
  const { operations, caFile } = testServers();
  client = new Client(postgresConfig(operations, { applicationName: 'copy-out spec', caFile }));
  client.on('error', () => undefined); // the query that runs tells
  await client.connect();
});

afterEach(() => client.end().catch(() => undefined));

async function copy(select: string, maxBytes = 1e9): Promise<{ rows: RowBytes; cut: boolean }> {
  const rows = new RowBytes(maxBytes);
  const cut = await client.query(new CopyOut(`COPY (${select}) TO STDOUT`, rows)).cut;
  return { rows, cut };
}

async function isUsable(): Promise<boolean> {
  const { rows } = await client.query<{ n: number }>('SELECT 42 AS n');
  return rows[0]?.n === 42;
}

it.each([
  ['no row', 0, 'i'],
  ['short rows', 50_000, 'i'],
  ['empty rows', 20_000, `''`],
  ['rows longer than what comes at once', 40, `repeat(i::text, 300000)`],
  ['rows of many lengths', 3000, `repeat('x', (i * 37) % 20000)`],
])('gives every byte of %s, and leaves the connection as it was', async (_name, count, column) => {
  for (let round = 0; round < 2; round++) {
    const { rows, cut } = await copy(`SELECT ${column} FROM generate_series(1, ${count}) i`);
    const expected = await client.query<{ text: string }>(
      `SELECT coalesce(string_agg(${column}::text || E'\\n', '' ORDER BY i), '') AS text FROM generate_series(1, ${count}) i`,
    );
    expect(cut).toBe(false);
    expect(rows.rows).toBe(count);
    expect(rows.take().equals(Buffer.from(expected.rows[0]?.text ?? ''))).toBe(true);
  }
});

it('tells of an error before the first row, and of one in the middle', async () => {
  await expect(copy('SELECT nothing')).rejects.toMatchObject({ code: '42703' });
  await expect(copy('SELECT 1 / (30000 - i) FROM generate_series(1, 50000) i')).rejects.toMatchObject({
    code: '22012',
  });
  expect(await isUsable()).toBe(true);
});

it('ends with the rows that come together with the one that passes the limit', async () => {
  const { rows, cut } = await copy(`SELECT repeat('x', 99) FROM generate_series(1, 100000) i`, 1000);
  expect(cut).toBe(true);
  expect(rows.rows).toBeGreaterThanOrEqual(11);
  expect(rows.rows).toBeLessThan(10_000);
  const row = `${'x'.repeat(99)}\n`;
  expect(rows.take().toString()).toBe(row.repeat(rows.rows));
});

it('rejects when a row cannot be taken', async () => {
  const sink = {
    add: () => {
      throw new Error('no room');
    },
  };
  await expect(client.query(new CopyOut('COPY (SELECT 1) TO STDOUT', sink)).cut).rejects.toThrow('no room');
});

it('rejects when the connection is lost', async () => {
  const lost = copy('SELECT pg_terminate_backend(pg_backend_pid()), i FROM generate_series(1, 1000000) i');
  await expect(lost).rejects.toThrow();
});
