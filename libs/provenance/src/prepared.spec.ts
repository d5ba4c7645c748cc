import { startPostgres, type EmbeddedPostgres } from '@astro/embedded';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordedDatabase } from './recorded.fixture.js';

let dir: string;
let server: EmbeddedPostgres;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'astro-prepared-'));
  server = await startPostgres({
    dataDir: join(dir, 'data'),
    settings: { max_prepared_transactions: 5, fsync: false },
  });
});
afterAll(async () => {
  await server.stop('immediate');
  rmSync(dir, { recursive: true, force: true });
});

it('a prepared transaction carries the origin it was prepared with', async () => {
  const database = await RecordedDatabase.create({ adminUrl: server.url });
  const client = await database.connect();
  await client.query("BEGIN; SELECT sync.set_origin('A'); INSERT INTO t VALUES (1); PREPARE TRANSACTION 'one'");
  await client.query("BEGIN; SELECT sync.set_origin('B'); INSERT INTO t VALUES (2); COMMIT");
  await client.query("COMMIT PREPARED 'one'");
  const services = (await database.take()).map(({ origin }) => origin?.asserted.service);
  expect(services).toEqual(['B', 'A']);
  await database.drop();
});
