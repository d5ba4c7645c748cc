import { waitFor } from '@astro/testing';
import { Rig } from './testing/rig.fixture.js';

/** P6: rows that come or go with a whole partition have no events in the stream; they are copied, not lost. */

const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, name text) PARTITION BY RANGE (id);
CREATE TABLE public.items_a PARTITION OF public.items FOR VALUES FROM (0) TO (100);
CREATE TABLE public.items_b PARTITION OF public.items FOR VALUES FROM (100) TO (300) PARTITION BY RANGE (id);
CREATE TABLE public.items_b1 PARTITION OF public.items_b FOR VALUES FROM (100) TO (200);
INSERT INTO public.items SELECT i, 'item ' || i FROM generate_series(1, 199) i;`;

const DATA_SETS = `  items:
    from: operations
    to: cache
    tables: [public.items]
  copies:
    from: operations
    to: system
    tables:
      - table: public.items
        into: public.item_copies`;

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.create(SCHEMA, DATA_SETS);
  await rig.setUp();
  await rig.start();
  await rig.streaming();
  await looked();
});

afterAll(() => rig.destroy());

/** The worker has looked at the partitions as they are now. */
async function looked(): Promise<void> {
  const { rows } = await rig.operations.query<{ n: string }>(
    `SELECT count(*) AS n FROM pg_partition_tree('public.items') WHERE level > 0`,
  );
  const isKnown = async () => {
    const known = await rig.system.query<{ n: string }>(
      `SELECT count(*) AS n FROM sync.ledger_tables, jsonb_object_keys(partitions)`,
    );
    return known.rows[0]?.n === rows[0]?.n;
  };
  await waitFor(isKnown, { what: 'the partitions to be looked at' });
}

async function copies(): Promise<number> {
  const { rows } = await rig.system.query<{ n: string }>('SELECT count(DISTINCT copy_id) AS n FROM sync.copy_chunks');
  return Number(rows[0]?.n);
}

it.each([
  ['emptied', 'TRUNCATE public.items_b1'],
  ['detached', 'ALTER TABLE public.items DETACH PARTITION public.items_a'],
  [
    'attached with rows',
    `UPDATE public.items_a SET name = 'changed outside';
     ALTER TABLE public.items ATTACH PARTITION public.items_a FOR VALUES FROM (0) TO (100)`,
  ],
  [
    'detached and attached again at once',
    `ALTER TABLE public.items DETACH PARTITION public.items_a;
     DELETE FROM public.items_a WHERE id < 50;
     ALTER TABLE public.items ATTACH PARTITION public.items_a FOR VALUES FROM (0) TO (100)`,
  ],
  ['dropped', 'DROP TABLE public.items_b'],
])('copies again when a partition was %s', async (_how, statement) => {
  const before = await copies();
  await rig.operations.query(statement);
  await waitFor(async () => (await copies()) > before, { what: 'a copy' });
  await rig.streaming();
  await rig.expectDocuments('items');
  await rig.expectRows('items', 'item_copies');
});

it.each([
  [
    'was made as one',
    `CREATE TABLE public.items_c PARTITION OF public.items FOR VALUES FROM (500) TO (600)`,
    `INSERT INTO public.items VALUES (500, 'new')`,
  ],
  [
    'was empty when it was attached',
    `CREATE TABLE public.items_d (LIKE public.items INCLUDING ALL);
     ALTER TABLE public.items ATTACH PARTITION public.items_d FOR VALUES FROM (600) TO (700)`,
    `INSERT INTO public.items VALUES (600, 'new')`,
  ],
])('copies nothing for a partition that %s: all its rows come by the stream', async (_how, statement, insert) => {
  const before = await copies();
  await rig.operations.query(statement);
  await looked();
  await rig.operations.query(insert);
  await rig.streaming();
  await rig.expectDocuments('items');
  expect(await copies()).toBe(before);
});
