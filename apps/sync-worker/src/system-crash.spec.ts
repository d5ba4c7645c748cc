import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, startPostgres, type EmbeddedPostgres } from '@astro/embedded';
import { waitFor } from '@astro/testing';
import { Rig } from './testing/rig.fixture.js';

/** SystemDB crashes: what was stored there may be gone, and the source still has it. */

const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, version int NOT NULL);
INSERT INTO public.items SELECT i, 1 FROM generate_series(1, 50) i;`;

/** CacheDB alone: each commit into a table of SystemDB would flush what was stored before it. */
const DATA_SETS = `  items:
    from: operations
    to: cache
    tables: [public.items]`;

/** Nothing but a commit that waits for it reaches the disk. */
const SETTINGS = { wal_writer_delay: '10s', autovacuum: 'off' };

let folder: string;
let server: EmbeddedPostgres;
let rig: Rig;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'astro-system-'));
  chmodSync(folder, 0o711);
  const tls = await createAuthority(join(folder, 'tls'));
  server = await startPostgres({ dataDir: join(folder, 'data'), tls, settings: SETTINGS });
});

beforeEach(async () => {
  rig = await Rig.create(SCHEMA, DATA_SETS, { system: server.url });
  await rig.setUp();
  await rig.start();
  await rig.streaming();
});

afterEach(() => rig.destroy());

afterAll(async () => {
  await server.stop('immediate');
  rmSync(folder, { recursive: true });
});

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

/** Thirty transactions in a few hundredths of a second: few of them are on the disk when all can be read. */
async function storeQuickly(): Promise<Stored> {
  await rig.operations.query(
    'DO $$ BEGIN FOR i IN 1 .. 30 LOOP UPDATE public.items SET version = version + 1 WHERE id = i; COMMIT; END LOOP; END $$',
  );
  const { rows } = await rig.operations.query<{ version: number }>('SELECT version FROM public.items WHERE id = 30');
  const document = `{"id":30,"version":${rows[0]?.version}}`;
  await waitFor(async () => (await rig.document('{items}:30')) === document, { what: 'the last change in CacheDB' });
  return lastStored();
}

async function createdAt({ commit_lsn: lsn }: Stored): Promise<number> {
  const text = 'SELECT created_at FROM sync.ledger_transactions WHERE commit_lsn = $1';
  const { rows } = await rig.system.query<Stored>(text, [lsn]);
  expect(rows).toHaveLength(1);
  return (rows[0] as Stored).created_at.getTime();
}

it('loses nothing and stores nothing twice when SystemDB loses what its disk does not have yet (P1, P2, P3)', async () => {
  let lost = 0;
  for (let crash = 0; crash < 5; crash++) {
    const last = await storeQuickly();
    await server.stop('immediate');
    await server.start();
    await rig.reconnect();
    await rig.streaming();
    if ((await createdAt(last)) > last.created_at.getTime()) lost++; // it was stored a second time
    await rig.expectDocuments('items');
  }
  expect(lost).toBeGreaterThan(0); // else nothing was tried
  const { rows } = await rig.system.query(
    `SELECT count(*) AS n, count(DISTINCT (commit_lsn, seq)) AS events FROM sync.ledger_changes WHERE op = 'u'`,
  );
  expect(rows).toEqual([{ n: '150', events: '150' }]);
});
