import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { provenanceSql, triggerSql } from '@astro/provenance';
import { createDatabase, query, testServers, waitFor, type TestDatabase } from '@astro/testing';
import { loadDemo } from '../load.js';
import { runTraffic } from './run-traffic.js';
import { closePools, findTarget, openPools } from './services.js';
import { Tally } from './tally.js';

const ROOT = join(__dirname, '../../..');
const TABLES = ['travelers', 'agencies', 'rockets', 'launches', 'bookings', 'invoices', 'payments'];

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase(testServers().operations, 'traffic');
  await loadDemo({ url: database.url, log: () => {}, scale: 0.02 });
  await query(database.url, provenanceSql());
  for (const name of TABLES) await query(database.url, triggerSql({ schema: 'public', name }));
  await query(database.url, 'CREATE PUBLICATION traffic FOR ALL TABLES');
  await query(database.url, "SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [database.name]);
});
afterAll(() => database.drop());

/** How many transactions claimed each service; empty for those that claimed nothing. */
async function servicesInStream(): Promise<Map<string, number>> {
  const rows = await query<{ service: string | null; n: number }>(
    database.url,
    `SELECT substring(encode(data, 'escape') FROM '"asserted":\\{"service" : "?([A-Za-z]+)') AS service, count(*)::integer AS n
     FROM pg_logical_slot_get_binary_changes($1, NULL, NULL,
       'proto_version', '1', 'publication_names', 'traffic', 'messages', 'true')
     WHERE get_byte(data, 0) = ascii('M') GROUP BY 1`,
    [database.name],
  );
  return new Map(rows.map(({ service, n }) => [service ?? '', n]));
}

it('keeps the data valid and says for whom it writes', async () => {
  const stop = new AbortController();
  const tally = new Tally();
  const pools = await openPools(findTarget({ OPERATIONS_DATABASE_URL: database.url }), 8);
  const running = runTraffic({
    ...{ pools, tally, workers: 8, signal: stop.signal },
    options: { rate: 5_000, seconds: null, seed: 3 },
  });
  await waitFor(() => tally.total() > 1_500, { what: '1 500 transactions', timeoutMs: 60_000 });
  stop.abort();
  await running;
  await closePools(pools);

  const overbooked = await query(
    database.url,
    `SELECT l.id FROM public.launches l JOIN public.rockets r ON r.id = l.rocket_id
     JOIN public.bookings b ON b.launch_id = l.id AND b.status <> 'canceled'
     GROUP BY l.id, r.capacity HAVING sum(b.number_of_seats) > r.capacity`,
  );
  expect(overbooked).toEqual([]);
  expect(tally.summary()).not.toContain('failed,');
  const services = await servicesInStream();
  for (const service of ['AgencyAPI', 'BookingAPI', 'FinanceAPI', 'null'])
    expect([...services.keys()]).toContain(service);
  const total = [...services.values()].reduce((sum, n) => sum + n, 0);
  expect((services.get('null') ?? 0) / total).toBeLessThan(0.1);
}, 90_000);

describe('the command', () => {
  async function run(
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    whileRunning?: (said: () => string) => Promise<NodeJS.Signals>,
  ) {
    const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'tools/demo/traffic.ts'), ...args], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.base.json'), ...env },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
    if (whileRunning) child.kill(await whileRunning(() => said));
    return { code: await exit, said };
  }

  it('explains a wrong argument', async () => {
    const { code, said } = await run(['--rate', 'many'], {});
    expect([code, said]).toEqual([2, expect.stringContaining('--rate takes a number from 0.1 to 5000, not "many".')]);
  });

  it('explains a database without the demo data', async () => {
    const { code, said } = await run([], { OPERATIONS_DATABASE_URL: testServers().system });
    expect([code, said]).toEqual([1, expect.stringContaining('does not hold the demo data')]);
  });

  it('stops on Ctrl-C with the totals', async () => {
    const env = { OPERATIONS_DATABASE_URL: database.url };
    const { code, said } = await run(['--rate', '20'], env, async (output) => {
      await waitFor(() => output().includes('tx/s'), { what: 'the first line' });
      return 'SIGINT';
    });
    expect([code, said]).toEqual([0, expect.stringMatching(/\d+ transactions in [\d.]+ s/)]);
  });
});
