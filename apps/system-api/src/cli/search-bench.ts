import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '@astro/embedded';
import { systemDataSource } from '@astro/entities';
import { changeQuerySchema } from '@astro/contracts';
import { createLogger } from '@astro/runtime';
import { ChangesService } from '../changes/changes.service.js';
import { DataSetsService } from '../data-sets/data-sets.service.js';
import { RowEstimateService } from '../data-sets/row-estimates.js';
import { countUnattributed, readThroughput, readTopOrigins } from '../overview/overview-sql.js';
import { bucketsOf } from '../shared/buckets.js';
import { FILL } from './search-bench-data.js';

/**
 * Measures how long searching a ledger of 5 000 000 changes takes, on a server of its own that is removed afterwards:
 * `npx tsx --tsconfig tsconfig.base.json apps/system-api/src/cli/search-bench.ts`. Takes some minutes and 4 GB of disk.
 */
const TRANSACTIONS = 2_500_000;
const ASKED = 40;
const LAST_DAY = Date.UTC(2026, 10, 22);
const DAY_MS = 86_400_000;

const chosen = (count: number) => Math.floor(Math.random() * count);
const hourOf = (at: number) => ({ from: new Date(at).toISOString(), to: new Date(at + 3_600_000).toISOString() });
const anyTime = () => LAST_DAY - 5 * DAY_MS + chosen(5 * DAY_MS);

/** One query of each kind that people ask, and of each that is hard. */
const QUERIES: Readonly<Record<string, () => Record<string, string>>> = {
  newest: () => ({}),
  'data set': () => ({ dataSet: 'launches' }),
  pending: () => ({ dataSet: 'finance', status: 'pending' }),
  completed: () => ({ dataSet: 'bookings', status: 'completed' }),
  failed: () => ({ status: 'failed' }),
  'a rare operation': () => ({ op: 'delete' }),
  'an operation that never was': () => ({ op: 'truncate' }),
  key: () => ({ dataSet: 'bookings', key: `b-${chosen(400_000)}` }),
  'a key changed often': () => ({ key: `l-${chosen(5000)}` }),
  'a key that never was': () => ({ key: `none-${chosen(400_000)}` }),
  user: () => ({ user: `u-${chosen(20_000)}` }),
  'a user who never was': () => ({ user: `none-${chosen(20_000)}` }),
  service: () => ({ service: 'AgencyAPI' }),
  'a rare service': () => ({ service: 'NotifyAPI' }),
  'a service elsewhere': () => ({ service: 'BookingAPI', dataSet: 'finance' }),
  action: () => ({ action: 'launches.price', dataSet: 'launches' }),
  'correlation id': () => ({ correlationId: `c-${chosen(TRANSACTIONS)}` }),
  'nobody claimed it': () => ({ unattributed: 'true' }),
  'an hour': () => hourOf(anyTime()),
  'a user in an hour': () => ({ user: `u-${chosen(20_000)}`, ...hourOf(anyTime()) }),
};

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'astro-search-'));
  chmodSync(dir, 0o711); // the server may run as another user
  const server = await startPostgres({ dataDir: join(dir, 'system'), settings: { max_wal_size: '4GB' } });
  try {
    await fill(server.url);
    await measure(server.url);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function fill(url: string): Promise<void> {
  const dataSource = await systemDataSource({ connectionString: url }).initialize();
  await dataSource.runMigrations({ transaction: 'each' });
  for (const statement of FILL) await dataSource.query(statement);
  await dataSource.destroy();
}

async function measure(url: string): Promise<void> {
  const systemDb = new pg.Pool({ connectionString: url, max: 10 });
  const connections = { systemDb } as never;
  const changes = new ChangesService(connections);
  for (const [name, make] of Object.entries(QUERIES)) {
    let early = 0;
    const times = await timed(async () => {
      const { searchedUntil } = await changes.list(changeQuerySchema.parse(make()));
      if (searchedUntil !== null) early++;
    });
    report(`changes: ${name}`, times, `${early} of ${ASKED} ended early`);
  }
  const { items } = await changes.list(changeQuerySchema.parse({}));
  const ids = items.map(({ id }) => id);
  report('one change', await timed(() => changes.one(ids[chosen(ids.length)] ?? '')));
  await measureStanding(systemDb, connections);
  await systemDb.end();
}

/** What the first screens ask, without what is kept between two askings. */
async function measureStanding(systemDb: pg.Pool, connections: never): Promise<void> {
  const nowhere = { read: async () => null } as never;
  const log = createLogger('search-bench', { level: 'error' });
  const list = () => new DataSetsService(connections, new RowEstimateService(connections, nowhere, log)).list();
  report('data sets', await timed(list));
  const range = bucketsOf(hourOf(LAST_DAY + 12 * 3_600_000), new Date(LAST_DAY));
  report('overview: top origins', await timed(() => readTopOrigins(systemDb, range)));
  report('overview: nobody claimed it', await timed(() => countUnattributed(systemDb, range)));
  report('overview: throughput', await timed(() => readThroughput(systemDb, range)));
}

async function timed(ask: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < ASKED; i++) {
    const startedAtMs = performance.now();
    await ask();
    times.push(performance.now() - startedAtMs);
  }
  return times.sort((a, b) => a - b);
}

function report(name: string, times: readonly number[], remark = ''): void {
  const at = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)] ?? 0);
  console.log(`${name.padEnd(38)} p50 ${at(0.5)} ms  p95 ${at(0.95)} ms  max ${at(1)} ms  ${remark}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
