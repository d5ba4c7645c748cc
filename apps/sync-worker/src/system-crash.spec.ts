import type { EmbeddedPostgres } from '@astro/embedded';
import { waitFor } from '@astro/testing';
import { startOwnPostgres, type OwnPostgres } from './testing/own-postgres.fixture.js';
import { RunDesk } from './runs/runs.fixture.js';
import { Rig } from './testing/rig.fixture.js';

/** SystemDB crashes: what was stored there may be gone, and the source still has it. */

const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, version int NOT NULL);
CREATE TABLE public.others (id int PRIMARY KEY);
INSERT INTO public.items SELECT i, 1 FROM generate_series(1, 50) i;
INSERT INTO public.others VALUES (1);`;

const ROWS = 10;

const UPDATES = `DO $$ BEGIN
  FOR i IN 1 .. ${ROWS} LOOP UPDATE public.items SET version = version + 1 WHERE id = i; COMMIT; END LOOP; END $$`;

/** CacheDB alone: what a lane commits in SystemDB brings everything before it to the disk. */
const DATA_SETS = `  items:
    from: operations
    to: cache
    tables: [public.items]
  others:
    from: operations
    to: cache
    tables: [public.others]`;

/** What no commit waits for stays in memory for longer. */
const SETTINGS = { wal_writer_delay: '10s', autovacuum: 'off' };

let own: OwnPostgres;
let server: EmbeddedPostgres;
let rig: Rig;

beforeAll(async () => {
  own = await startOwnPostgres(SETTINGS);
  server = own.server;
});

beforeEach(async () => {
  rig = await Rig.create(SCHEMA, DATA_SETS, { system: server.url });
  await rig.setUp();
  await rig.start();
  await rig.streaming();
});

afterEach(() => rig.destroy());

afterAll(() => own.destroy());

interface Stored {
  readonly commit_lsn: string;
  readonly created_at: Date;
}

/** The last transaction of the ledger. */
async function lastStored(): Promise<Stored> {
  const { rows } = await rig.system.query<Stored>(
    'SELECT commit_lsn::text, created_at FROM sync.ledger_transactions ORDER BY commit_lsn DESC LIMIT 1',
  );
  return rows[0] as Stored;
}

/** Some transactions in a few milliseconds: none of them need be on the disk when all can be read. */
async function storeQuickly(): Promise<Stored> {
  await rig.operations.query(UPDATES);
  const { rows } = await rig.operations.query<{ version: number }>('SELECT max(version) AS version FROM public.items');
  const document = `{"id":${ROWS},"version":${rows[0]?.version}}`;
  await waitFor(async () => (await rig.document(`{items}:${ROWS}`)) === document, {
    what: 'the last change in CacheDB',
  });
  return lastStored();
}

/** True when the transaction is there, once, and was stored a second time. */
async function wasLost({ commit_lsn: lsn, created_at: before }: Stored): Promise<boolean> {
  const text = 'SELECT created_at FROM sync.ledger_transactions WHERE commit_lsn = $1';
  const { rows } = await rig.system.query<Stored>(text, [lsn]);
  expect(rows).toHaveLength(1);
  return (rows[0] as Stored).created_at > before;
}

async function acknowledged(): Promise<string> {
  const text = 'SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = $1';
  const { rows } = await rig.operations.query<{ lsn: string }>(text, [rig.slot]);
  return rows[0]?.lsn ?? '';
}

/** The source was told of nothing that SystemDB has not: not even now that it has lost what its disk did not have. */
async function expectNoEarlyWord(): Promise<void> {
  const { rows } = await rig.system.query('SELECT safe_lsn >= $1 AS stored FROM sync.sources', [await acknowledged()]);
  expect(rows).toEqual([{ stored: true }]);
}

async function crash(): Promise<void> {
  await server.stop('immediate');
  await server.start();
  await rig.reconnect();
  await expectNoEarlyWord();
}

it('loses nothing and stores nothing twice when SystemDB loses what its disk does not have yet (P1, P2, P3)', async () => {
  let crashes = 0;
  for (let lost = 0; lost < 2 && crashes < 15; crashes++) {
    const last = await storeQuickly();
    await crash();
    await rig.streaming();
    if (await wasLost(last)) lost++; // else nothing was tried: something else had brought it to the disk
    await rig.expectDocuments('items');
  }
  expect(crashes).toBeLessThan(15);
  const { rows } = await rig.system.query(
    `SELECT count(*) AS n, count(DISTINCT (commit_lsn, seq)) AS events FROM sync.ledger_changes WHERE op = 'u'`,
  );
  const changes = String(crashes * ROWS);
  expect(rows).toEqual([{ n: changes, events: changes }]);
});

it('has on its disk what was acknowledged a moment ago, though nobody but capture wrote (P2)', async () => {
  await rig.stop();
  await rig.start('capture');
  for (let round = 0; round < 3; round++) {
    await rig.operations.query(UPDATES);
    const { rows } = await rig.operations.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
    const isPast = async () => {
      const [answer] = (
        await rig.operations.query<{ past: boolean }>('SELECT $1::pg_lsn >= $2::pg_lsn AS past', [
          await acknowledged(),
          rows[0]?.lsn,
        ])
      ).rows;
      return answer?.past;
    };
    await waitFor(isPast, { what: 'the changes to be acknowledged' });
    await crash();
  }
  await rig.stop();
  await rig.start();
  await rig.streaming();
  await rig.expectDocuments('items');
});

/** SystemDB crashes under the worker, which is away when it is back. @returns whether it lost the last transaction */
async function losesLast(): Promise<boolean> {
  await rig.system.query('CHECKPOINT'); // of the other lane it loses nothing
  const last = await storeQuickly();
  await server.stop('immediate');
  await rig.stop();
  await server.start();
  await rig.reconnect();
  const { rowCount } = await rig.system.query('SELECT 1 FROM sync.ledger_transactions WHERE commit_lsn = $1', [
    last.commit_lsn,
  ]);
  return rowCount === 0;
}

async function startAgain(): Promise<void> {
  await rig.start();
  await rig.streaming();
}

it('moves no lane whose target has what SystemDB lost, until capture has brought it again (W10)', async () => {
  for (let crashes = 1; !(await losesLast()); crashes++) {
    expect(crashes).toBeLessThan(15);
    await startAgain();
  }
  const desk = new RunDesk(rig);
  const [ahead, other] = [
    await desk.start({ mode: 'full', dataSets: ['items'] }),
    await desk.start({ mode: 'full', dataSets: ['others'] }),
  ];
  await rig.start('apply,maintenance');
  await looksTwice(desk, other);
  expect((await desk.read(ahead)).items[0]).toMatchObject({ state: 'waiting' });
  await rig.start('capture');
  for (const id of [ahead, other]) await desk.reaches(id, 'succeeded');
  await rig.streaming();
  await rig.expectDocuments('items');
});

/** The lane of the run has taken it, and its worker has looked after it twice since: so have the other lanes. */
async function looksTwice(desk: RunDesk, runId: string): Promise<void> {
  await waitFor(async () => (await desk.read(runId)).items[0]?.state === 'running', { what: `run ${runId} to begin` });
  const leases = new Set<string>();
  const look = async () => {
    const text = 'SELECT lease_until::text AS lease FROM sync.run_items WHERE run_id = $1';
    const { rows } = await rig.system.query<{ lease: string }>(text, [runId]);
    return leases.add(rows[0]?.lease ?? '').size === 3;
  };
  await waitFor(look, { what: 'two signs of life', timeoutMs: 30_000 });
}
