import { postgresConfig } from '@astro/runtime';
import { createDatabase, query, testServers, waitFor, type TestDatabase } from '@astro/testing';
import { ConnectionGivenUpError, OneConnection } from './one-connection.js';

const NAME = 'one-connection spec';

let database: TestDatabase;
let connection: OneConnection;

beforeAll(async () => {
  database = await createDatabase(testServers().operations, 'one_connection');
});

beforeEach(() => {
  connection = new OneConnection(postgresConfig(database.url, { applicationName: NAME }));
});

afterEach(() => connection.close());
afterAll(() => database.drop());

async function opened(count: number): Promise<void> {
  const isSo = async () => {
    const [row] = await query<{ n: string }>(
      database.url,
      `SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = '${NAME}'`,
    );
    return row?.n === String(count);
  };
  await waitFor(isSo, { what: `${count} connections` });
}

it('gives all who ask the same connection, and a new one for one that ended', async () => {
  const [first, second] = await Promise.all([connection.get(), connection.get()]);
  expect(second).toBe(first);
  const [renewed, asked] = await Promise.all([connection.renew(first), connection.get()]);
  expect(renewed).not.toBe(first);
  expect(asked).toBe(renewed);
  await opened(1);
});

it('opens nothing for work whose connection was given up meanwhile', async () => {
  const client = await connection.get();
  const closing = connection.close();
  await expect(connection.renew(client)).rejects.toThrow(ConnectionGivenUpError);
  await closing;
  await opened(0);
});

it('keeps a connection that has taken the place of one that failed', async () => {
  const failed = await connection.get();
  await connection.close();
  const client = await connection.get();
  await connection.giveUp(failed);
  expect(await connection.get()).toBe(client);
  await opened(1);
  await connection.giveUp(client);
  await opened(0);
});
