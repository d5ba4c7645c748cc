import { Redis } from 'ioredis';
import pg from 'pg';
import { createLogger, type ApiEnv } from '@astro/runtime';
import { ChangesService } from '../changes/changes.service.js';
import { ExplainService } from '../explain/explain.service.js';
import { type Connections } from '../shared/connections.js';
import { OperationsDb } from '../shared/operations-db.js';
import { chosen, report, timed } from './search-bench-measure.js';

/** Where the parts are measured. OperationsDB is a schema of SystemDB's server here. */
export interface Servers {
  readonly url: string;
  readonly cacheUrl: string;
}

const LIMIT_MS = 300;
const SIZES = { bookings: 400_000, launches: 5_000, agencies: 300, rockets: 300, travelers: 100_000 } as const;

const table = (name: string) => ({ schema: 'shop', name });
const byId = (name: string, column: string) => ({
  table: table(name),
  via: { of: 'id', query: `SELECT id FROM shop.launches WHERE ${column} = ANY($1)` },
});

const DEFINITIONS = [
  {
    ...{ name: 'launches', kind: 'joined', schedule: null, root: table('launches'), keyColumns: ['id'] },
    target: { endpoint: 'cache', keyPrefix: '{launches}:' },
    query: `SELECT l.id, l.agency_id, l.rocket_id, json_build_object('id', a.id) AS agency FROM shop.launches l
      LEFT JOIN shop.agencies a ON a.id = l.agency_id WHERE l.id = ANY($1)`,
    nested: ['agency'],
    reads: [
      { table: table('bookings'), via: { column: 'launch_id' } },
      byId('agencies', 'agency_id'),
      byId('rockets', 'rocket_id'),
    ],
  },
  {
    ...{ name: 'bookings', kind: 'joined', schedule: null, root: table('bookings'), keyColumns: ['id'] },
    target: { endpoint: 'cache', keyPrefix: '{bookings}:' },
    query: 'SELECT id, traveler_id, launch_id FROM shop.bookings WHERE id = ANY($1)',
    nested: [],
    reads: [
      {
        table: table('travelers'),
        via: { of: 'id', query: 'SELECT id FROM shop.bookings WHERE traveler_id = ANY($1)' },
      },
    ],
  },
  {
    ...{ name: 'travelers', kind: 'flat', schedule: null, target: { endpoint: 'system' } },
    tables: [{ source: table('travelers'), target: table('traveler_profiles'), keyColumns: ['id'], columns: null }],
  },
];

/** The rows that the ledger's changes are about, and what the data sets are. */
export const FILL_EXPLAINED: readonly string[] = [
  `CREATE SCHEMA shop;
   CREATE TABLE shop.agencies AS SELECT 'a-' || n AS id FROM generate_series(0, ${SIZES.agencies}) n;
   CREATE TABLE shop.rockets AS SELECT 'r-' || n AS id FROM generate_series(0, ${SIZES.rockets}) n;
   CREATE TABLE shop.launches AS SELECT 'l-' || n AS id, 'a-' || n % ${SIZES.agencies} AS agency_id,
     'r-' || n % ${SIZES.rockets} AS rocket_id FROM generate_series(0, ${SIZES.launches}) n;
   CREATE TABLE shop.travelers AS SELECT 't-' || n AS id FROM generate_series(0, ${SIZES.travelers}) n;
   CREATE TABLE shop.bookings AS SELECT 'b-' || n AS id, 't-' || n % ${SIZES.travelers} AS traveler_id,
     'l-' || n % ${SIZES.launches} AS launch_id FROM generate_series(0, ${SIZES.bookings}) n;
   CREATE TABLE shop.traveler_profiles AS SELECT id FROM shop.travelers;
   ALTER TABLE shop.agencies ADD PRIMARY KEY (id); ALTER TABLE shop.rockets ADD PRIMARY KEY (id);
   ALTER TABLE shop.launches ADD PRIMARY KEY (id); ALTER TABLE shop.travelers ADD PRIMARY KEY (id);
   ALTER TABLE shop.bookings ADD PRIMARY KEY (id); ALTER TABLE shop.traveler_profiles ADD PRIMARY KEY (id);
   CREATE INDEX ON shop.bookings (traveler_id); CREATE INDEX ON shop.launches (agency_id);
   CREATE INDEX ON shop.launches (rocket_id);
   UPDATE sync.ledger_tables SET schema_name = 'shop'`,
  ...DEFINITIONS.map(
    (definition) =>
      `INSERT INTO sync.data_set_definitions (name, definition)
       VALUES ('${definition.name}', ${pg.escapeLiteral(JSON.stringify(definition))})`,
  ),
  'VACUUM ANALYZE shop.bookings, shop.travelers, shop.launches',
];

/** The documents as the workers would have written them. */
const DOCUMENTS = {
  bookings: (n: number) => ({
    ...{ id: `b-${n}`, traveler_id: `t-${n % SIZES.travelers}`, launch_id: `l-${n % SIZES.launches}` },
  }),
  launches: (n: number) => {
    const agency = { id: `a-${n % SIZES.agencies}` };
    return { id: `l-${n}`, agency_id: agency.id, rocket_id: `r-${n % SIZES.rockets}`, agency };
  },
} as const;

const QUESTIONS = {
  'a booking': () => ({ dataSet: 'bookings', key: `b-${chosen(SIZES.bookings)}` }),
  'a launch, changed often, of four tables': () => ({ dataSet: 'launches', key: `l-${chosen(SIZES.launches)}` }),
  'a row of SystemDB': () => ({ dataSet: 'travelers', key: `t-${chosen(SIZES.travelers)}` }),
  'a key that never was': () => ({ dataSet: 'bookings', key: `none-${chosen(1_000)}` }),
} as const;

/** Why a value is here: both databases, the ledger, and the rows that a document is made of. */
export async function measureExplain({ url, cacheUrl }: Servers): Promise<void> {
  const log = createLogger('search-bench', { level: 'error' });
  const systemDb = new pg.Pool({ connectionString: url, max: 10 });
  systemDb.on('error', () => undefined); // its connections may outlive the server for a moment
  const cacheDb = new Redis(cacheUrl);
  const link = { caFile: undefined, allowPlaintext: true };
  const operations = new OperationsDb({ connections: { operationsReadUrl: url, link } } as unknown as ApiEnv, log);
  const connections = { systemDb, cacheDb } as unknown as Connections;
  const explain = new ExplainService(connections, operations, new ChangesService(connections));
  for (const [dataSet, documentOf] of Object.entries(DOCUMENTS)) {
    const documents = Array.from({ length: SIZES[dataSet as keyof typeof DOCUMENTS] }, (_, n) => documentOf(n));
    await cacheDb.mset(documents.flatMap((document) => [`{${dataSet}}:${document.id}`, JSON.stringify(document)]));
  }
  for (const [name, make] of Object.entries(QUESTIONS)) {
    const answers = new Set<string>();
    const times = await timed(async () => void answers.add((await explain.explain(make())).verdict));
    report({ name: `explain: ${name}`, times, limitMs: LIMIT_MS, remark: [...answers].join(', ') });
  }
  await cacheDb.flushdb();
  // What differs is looked at three times before it is said to.
  const differing = await timed(() => explain.explain(QUESTIONS['a launch, changed often, of four tables']()));
  report({ name: 'explain: a launch that CacheDB has lost, told only', times: differing });
  cacheDb.disconnect();
  await operations.onApplicationShutdown();
  await systemDb.end();
}
