import { createLogger, loadApiEnv } from '@astro/runtime';
import { testServers, watchLeaks } from '@astro/testing';
import { Connections } from './connections.js';

const noLeaks = watchLeaks();
const servers = testServers();
const { connections: addresses } = loadApiEnv({
  SYSTEM_DATABASE_URL: servers.system,
  CACHE_REDIS_URL: servers.cache,
  QUEUE_REDIS_URL: servers.queue,
  TLS_CA_FILE: servers.caFile,
  API_PORT: '0',
});
const connections = new Connections(addresses, createLogger('spec', { level: 'silent' }));

afterAll(async () => {
  await connections.onApplicationShutdown();
  await noLeaks();
});

it.each([
  ['systemDb', '15s', 'off'],
  ['searches', '5s', 'on'],
] as const)('no statement on %s takes longer than %s; it can only read: %s', async (name, timeout, readOnly) => {
  const { rows } = await connections[name].query(
    `SELECT current_setting('statement_timeout') AS timeout, current_setting('default_transaction_read_only') AS read_only,
       current_setting('search_path') AS search_path`,
  );
  expect(rows).toEqual([{ timeout, read_only: readOnly, search_path: 'pg_catalog' }]);
});
