import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres, startRedis } from '@astro/embedded';
import { systemDataSource } from '@astro/entities';
import { changeQuerySchema } from '@astro/contracts';
import { createLogger } from '@astro/runtime';
import { ChangesService } from '../changes/changes.service.js';
import { DataSetsService } from '../data-sets/data-sets.service.js';
import { RowEstimateService } from '../data-sets/row-estimates.js';
import { countUnattributed, readThroughput, readTopOrigins } from '../overview/overview-sql.js';
import { bucketsOf } from '../shared/buckets.js';
import { FILL_AUDIT, measureAudit } from './search-bench-audit.js';
import { FILL } from './search-bench-data.js';
import { FILL_EXPLAINED, measureExplain, type Servers } from './search-bench-explain.js';
import { ASKED, chosen, report, timed } from './search-bench-measure.js';

/**
 * Measures how long searching a ledger of 5 000 000 changes, explaining a value out of it, and searching an audit trail of
 * 1 000 000 entries take, on servers of its own that are removed afterwards:
 * `npx tsx --tsconfig tsconfig.base.json apps/system-api/src/cli/search-bench.ts`. Takes some minutes and 4 GB of disk.
 * `ledger` or `audit` as an argument measures that part alone. The exit code is 1 when an answer takes longer than it may.
 */
const TRANSACTIONS = 2_500_000;
const LAST_DAY = Date.UTC(2026, 10, 22);
const DAY_MS = 86_400_000;

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

interface Part {
  readonly fill: readonly string[];
  measure(servers: Servers): Promise<void>;
}

const PARTS: Readonly<Record<string, Part>> = {
  audit: { fill: FILL_AUDIT, measure: ({ url }) => measureAudit(url) },
  ledger: {
    fill: [...FILL, ...FILL_EXPLAINED],
    measure: async (servers) => {
      await measure(servers.url);
      await measureExplain(servers);
    },
  },
};

async function main(): Promise<void> {
  const wanted = Object.entries(PARTS).filter(([name]) => process.argv.length < 3 || process.argv.includes(name));
  const dir = mkdtempSync(join(tmpdir(), 'astro-search-'));
  chmodSync(dir, 0o711); // the server may run as another user
  const server = await startPostgres({ dataDir: join(dir, 'system'), settings: { max_wal_size: '4GB' } });
  const cache = await startRedis({ dir: join(dir, 'cache') });
  try {
    await migrate(server.url);
    for (const [, part] of wanted) {
      await fill(server.url, part.fill);
      await part.measure({ url: server.url, cacheUrl: cache.url });
    }
  } finally {
    await Promise.all([server.stop(), cache.stop()]);
    rmSync(dir, { recursive: true, force: true });
  }
}

async function migrate(url: string): Promise<void> {
  const dataSource = await systemDataSource({ connectionString: url }).initialize();
  await dataSource.runMigrations({ transaction: 'each' });
  await dataSource.destroy();
}

async function fill(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function measure(url: string): Promise<void> {
  const systemDb = new pg.Pool({ connectionString: url, max: 10 });
  systemDb.on('error', () => undefined); // its connections may outlive the server for a moment
  const connections = { systemDb } as never;
  const changes = new ChangesService(connections);
  for (const [name, make] of Object.entries(QUERIES)) {
    let early = 0;
    const times = await timed(async () => {
      const { searchedUntil } = await changes.list(changeQuerySchema.parse(make()));
      if (searchedUntil !== null) early++;
    });
    report({ name: `changes: ${name}`, times, remark: `${early} of ${ASKED} ended early` });
  }
  const { items } = await changes.list(changeQuerySchema.parse({}));
  const ids = items.map(({ id }) => id);
  report({ name: 'one change', times: await timed(() => changes.one(ids[chosen(ids.length)] ?? '')) });
  await measureStanding(systemDb, connections);
  await systemDb.end();
}

/** What the first screens ask, without what is kept between two askings. */
async function measureStanding(systemDb: pg.Pool, connections: never): Promise<void> {
  const nowhere = { read: async () => null } as never;
  const log = createLogger('search-bench', { level: 'error' });
  const list = () => new DataSetsService(connections, new RowEstimateService(connections, nowhere, log)).list();
  const range = bucketsOf(hourOf(LAST_DAY + 12 * 3_600_000), new Date(LAST_DAY));
  const questions: Readonly<Record<string, () => Promise<unknown>>> = {
    'data sets': list,
    'overview: top origins': () => readTopOrigins(systemDb, range),
    'overview: nobody claimed it': () => countUnattributed(systemDb, range),
    'overview: throughput': () => readThroughput(systemDb, range),
  };
  for (const [name, ask] of Object.entries(questions)) report({ name, times: await timed(ask) });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
