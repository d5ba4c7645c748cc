import { waitFor } from '@astro/testing';
import { RunDesk } from './runs/runs.fixture.js';
import { Rig } from './testing/rig.fixture.js';

/** A source table loses a column that data sets carry: they stand still and say why, and nothing wrong is written. */

const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, name text, note text, spare text, extra text);
CREATE TABLE public.labels (id int PRIMARY KEY, item_id int, text text, spare text);
CREATE TABLE public.others (id int PRIMARY KEY, name text);
CREATE TABLE public.calls (id int PRIMARY KEY, name text, tag text, spare text);
CREATE TABLE public.tags (id int PRIMARY KEY, tag text);
CREATE FUNCTION public.loud(text) RETURNS text LANGUAGE sql RETURN upper($1);
ALTER TABLE public.tags REPLICA IDENTITY FULL;
ALTER TABLE public.labels REPLICA IDENTITY FULL;
INSERT INTO public.items SELECT i, 'item ' || i, 'note', 'spare', 'extra' FROM generate_series(1, 20) i;
INSERT INTO public.labels SELECT i, i, 'label ' || i, 'spare' FROM generate_series(1, 20) i;
INSERT INTO public.others VALUES (1, 'other');
INSERT INTO public.calls VALUES (1, 'call', 'tag', 'spare');`;

const DATA_SETS = `  calls:
    from: operations
    to: cache
    root: public.calls
    key: id
    query: |
      SELECT c.id, public.loud(c.name) AS name, (SELECT count(*) FROM public.tags) AS tags FROM public.calls c
      WHERE c.id = ANY($1)
    reads:
      - { table: public.tags, of: tag, query: 'SELECT c.id FROM public.calls c WHERE c.tag = ANY($1)' }
  items:
    from: operations
    to: cache
    tables: [public.items]
  copies:
    from: operations
    to: system
    tables:
      - table: public.items
        into: public.item_copies
        columns: [id, name]
  cards:
    from: operations
    to: cache
    root: public.items
    key: id
    query: |
      SELECT i.id, i.name, l.text FROM public.items i LEFT JOIN public.labels l ON l.item_id = i.id
      WHERE i.id = ANY($1)
    reads:
      - { table: public.labels, column: item_id }
  others:
    from: operations
    to: cache
    tables: [public.others]`;

const NAME_LOST = /^public\.items no longer has the column "name", which this data set carries/;
const KEY_LOST = /no longer has the column ("id"|(i\.)?id), which this data set carries/;
const NAME_IN_ANY_WORDS = /no longer has the column ("name"|i\.name), which this data set carries/;

let rig: Rig;
let desk: RunDesk;
let next = 100;

beforeAll(async () => {
  rig = await Rig.create(SCHEMA, DATA_SETS);
  await rig.setUp();
  await rig.start();
  desk = new RunDesk(rig);
});

beforeEach(() => rig.streaming());

afterAll(() => rig.destroy());

async function stateOf(lane: string): Promise<string | undefined> {
  return (await rig.lanes()).find(({ name }) => name === lane)?.state;
}

/** What stands in the targets: documents and rows. */
async function held(): Promise<unknown> {
  const keys = (await rig.cache.keys('{*}:*')).filter((key) => !key.startsWith('{others}')).sort();
  const { rows } = await rig.system.query('SELECT * FROM public.item_copies ORDER BY id');
  return { documents: await rig.cache.mget(keys), keys, rows };
}

async function otherFlows(): Promise<void> {
  const id = next++;
  await rig.operations.query(`INSERT INTO public.others VALUES ($1, 'flows')`, [id]);
  await waitFor(async () => (await rig.document(`{others}:${id}`)) !== null, { what: 'the other data set to go on' });
  expect(await stateOf('others')).toBe('streaming');
}

async function healsWith(...dataSets: readonly string[]): Promise<void> {
  const runId = await desk.start({ mode: 'full', dataSets });
  await desk.reaches(runId, 'succeeded');
  await rig.streaming();
  await rig.operations.query(`UPDATE public.items SET note = 'healed' WHERE id = 1`);
  await rig.streaming(); // the first write brings the new columns, and with them one more copy
  await rig.expectDocuments('items');
  const source = await rig.operations.query('SELECT id, name FROM public.items ORDER BY id');
  expect((await rig.system.query('SELECT id, name FROM public.item_copies ORDER BY id')).rows).toEqual(source.rows);
  const { rows } = await rig.operations.query<{ text: string }>('SELECT text FROM public.labels WHERE item_id = 1');
  expect(JSON.parse((await rig.document('{cards}:1')) ?? '')).toMatchObject({ id: 1, text: rows[0]?.text ?? null });
}

it('stops at once, though nobody writes; no run goes over it, and a full one heals it once the column is back', async () => {
  const before = await held();
  await rig.operations.query('ALTER TABLE public.items DROP COLUMN name');
  for (const lane of ['items', 'copies']) await rig.needsResync(NAME_LOST, lane);
  await rig.needsResync(/^OperationsDB no longer has the column i\.name, which this data set carries/, 'cards');
  await rig.operations.query(`UPDATE public.items SET note = 'unseen'; DELETE FROM public.items WHERE id = 20`);
  for (const mode of ['full', 'incremental', 'verify', 'repair'] as const) {
    const runs = ['items', 'copies', 'cards'].map(async (dataSet) => {
      const runId = await desk.start({ mode, dataSets: [dataSet] });
      const { items } = await desk.reaches(runId, 'failed');
      expect(items[0]?.message).toMatch(NAME_IN_ANY_WORDS);
    });
    await Promise.all(runs);
  }
  await otherFlows();
  expect(await held()).toEqual(before);
  await rig.operations.query(`ALTER TABLE public.items ADD COLUMN name text DEFAULT 'again'`);
  await healsWith('items', 'copies', 'cards');
});

it('stops when a write comes with the loss', async () => {
  const before = await held();
  await rig.operations.query(`BEGIN; ALTER TABLE public.items DROP COLUMN name;
    UPDATE public.items SET note = 'without a name'; INSERT INTO public.items (id) VALUES (${next++}); COMMIT`);
  for (const lane of ['items', 'copies']) await rig.needsResync(NAME_LOST, lane);
  await rig.needsResync(NAME_IN_ANY_WORDS, 'cards');
  await otherFlows();
  expect(await held()).toEqual(before);
  await rig.operations.query(`ALTER TABLE public.items ADD COLUMN name text DEFAULT 'once more'`);
  await healsWith('items', 'copies', 'cards');
});

it('goes on with data sets that do not need the column', async () => {
  await rig.operations.query('ALTER TABLE public.items DROP COLUMN spare; ALTER TABLE public.labels DROP COLUMN spare');
  await rig.needsResync(/no longer has the column "spare"/, 'items');
  await rig.operations.query(`UPDATE public.items SET name = 'goes on' WHERE id = 2`);
  await rig.operations.query(`UPDATE public.labels SET text = 'goes on' WHERE id = 2`);
  const goOn = async () => {
    expect(await rig.document('{cards}:2')).toBe('{"id":2,"name":"goes on","text":"goes on"}');
    const { rows } = await rig.system.query('SELECT name FROM public.item_copies WHERE id = 2');
    expect(rows).toEqual([{ name: 'goes on' }]);
    return true;
  };
  await waitFor(goOn, { what: 'the other data sets of the table to go on' });
  expect((await rig.lanes()).filter(({ state }) => state === 'needs_resync')).toMatchObject([{ name: 'items' }]);
  const before = await held();
  await rig.stop();
  await rig.start();
  await otherFlows();
  expect(await stateOf('items')).toBe('needs_resync');
  expect(await held()).toEqual(before);
  await healsWith('items');
});

it('stops at the start when the column was lost while no worker ran, and copies without it once a person asks', async () => {
  const before = await held();
  await rig.stop();
  await rig.operations.query(`ALTER TABLE public.items DROP COLUMN extra; UPDATE public.items SET note = 'unseen'`);
  for (let starts = 0; starts < 2; starts++) {
    await rig.start();
    await rig.needsResync(/^public\.items no longer has the column "extra", which this data set carries/, 'items');
    await otherFlows();
    expect(await held()).toEqual(before);
    await rig.stop();
  }
  await rig.start();
  await healsWith('items');
});

it('ends what is asked of a renamed key column as failed, and heals once it has its name again', async () => {
  const before = await held();
  await rig.operations.query('ALTER TABLE public.items RENAME id TO number');
  for (const lane of ['items', 'copies', 'cards']) await rig.needsResync(KEY_LOST, lane);
  for (const mode of ['verify', 'repair', 'full'] as const) {
    const runs = ['items', 'copies', 'cards'].map(async (dataSet) => {
      const runId = await desk.start({ mode, dataSets: [dataSet] });
      const { items } = await desk.reaches(runId, 'failed');
      expect(items[0]?.message).toMatch(KEY_LOST);
    });
    await Promise.all(runs);
    expect((await rig.lanes()).filter(({ state }) => state !== 'streaming')).toMatchObject(
      ['cards', 'copies', 'items'].map((name) => ({
        name,
        state: 'needs_resync',
        reason: expect.stringMatching(KEY_LOST),
      })),
    );
  }
  expect(await held()).toEqual(before);
  await rig.operations.query('ALTER TABLE public.items RENAME number TO id');
  await healsWith('items', 'copies', 'cards');
});

it('stops the others, too, when the server refuses to look at one', async () => {
  await rig.operations.query(`ALTER TABLE public.calls DROP COLUMN spare; ALTER TABLE public.items DROP COLUMN note;
    ALTER FUNCTION public.loud RENAME TO quiet`);
  await rig.needsResync(/no longer has the column "note"/, 'items');
  expect(await stateOf('calls')).toBe('streaming');
  await rig.operations.query(
    `ALTER FUNCTION public.quiet RENAME TO loud; ALTER TABLE public.items ADD COLUMN note text`,
  );
  await healsWith('items');
});

it('stops when only the way from a read table to the root needs the column', async () => {
  await rig.operations.query('ALTER TABLE public.calls DROP COLUMN tag');
  await rig.needsResync(/no longer has the column c\.tag, which this data set carries/, 'calls');
  await rig.operations.query('ALTER TABLE public.calls ADD COLUMN tag text');
  await healsWith('calls');
});
