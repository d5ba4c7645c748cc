import { query, testServers, waitFor } from '@astro/testing';
import { Rig } from './testing/rig.fixture.js';

const ROWS = 60_000;
const DATA_SETS = `  items:
    from: operations
    to: cache
    tables: [public.items]`;

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.create('CREATE TABLE public.items (id int PRIMARY KEY, filler text)', DATA_SETS);
  await rig.setUp();
  await rig.start();
  await rig.streaming();
});

afterAll(() => rig.destroy());

/** In SystemDB; the state of the session that appends. */
async function appending(): Promise<string | undefined> {
  const { rows } = await rig.system.query<{ state: string }>(
    `SELECT state FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sync-worker capture'
     AND xact_start IS NOT NULL`,
  );
  return rows[0]?.state;
}

it('leaves no transaction open in SystemDB when the source goes away in the middle of one (P1, P3)', async () => {
  const operations = new URL(rig.env['OPERATIONS_DATABASE_URL'] ?? '').pathname.slice(1);
  const admin = (sql: string) => query(testServers().operations, sql);
  const stored = async () => {
    const { rows } = await rig.system.query<{ n: number }>('SELECT count(*)::int AS n FROM sync.ledger_changes');
    return rows[0]?.n;
  };
  await rig.operations.query(`INSERT INTO public.items SELECT i, repeat('x', 1000) FROM generate_series(1, ${ROWS}) i`);
  await waitFor(appending, { what: 'a part of the transaction to be sent' });
  await admin(`ALTER DATABASE ${operations} ALLOW_CONNECTIONS false`);
  try {
    await admin(`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${rig.slot}'`);
    await waitFor(async () => (await appending()) === undefined, { what: 'the transaction to be given up' });
    expect(await stored()).toBe(0);
  } finally {
    await admin(`ALTER DATABASE ${operations} ALLOW_CONNECTIONS true`);
  }
  await rig.settled();
  expect(await stored()).toBe(ROWS);
  await rig.expectDocuments('items');
});
