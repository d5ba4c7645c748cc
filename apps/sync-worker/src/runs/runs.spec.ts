import { waitFor } from '@astro/testing';
import { Rig } from '../testing/rig.fixture.js';
import { RunDesk } from './runs.fixture.js';

const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, version int NOT NULL, name text);
CREATE TABLE public.parts (item int NOT NULL REFERENCES public.items, n int, label text, PRIMARY KEY (item, n));
INSERT INTO public.items SELECT i, 1, 'item ' || i FROM generate_series(1, 400) i;
CREATE TABLE public.pages (id int PRIMARY KEY, note text, body text);
ALTER TABLE public.pages ALTER COLUMN body SET STORAGE EXTERNAL;
INSERT INTO public.pages SELECT i, 'first', repeat('x', 3000) FROM generate_series(1, 600) i;
INSERT INTO public.parts SELECT i, n, 'part ' || n FROM generate_series(1, 400) i, generate_series(1, 2) n`;

const DATA_SETS = `  items:
    from: operations
    to: cache
    chunkRows: 50
    tables: [public.items]
  copies:
    from: operations
    to: system
    chunkRows: 50
    tables:
      - table: public.items
        into: public.item_copies
  kits:
    from: operations
    to: cache
    root: public.items
    query: |
      SELECT i.id, i.name, (SELECT json_agg(p.label ORDER BY p.n) FROM public.parts p WHERE p.item = i.id) AS parts
      FROM public.items i WHERE i.id = ANY ($1::int[])
    nested: [parts]
    key: [id]
    reads:
      - { table: public.parts, column: item }
  nightly:
    from: operations
    to: cache
    tables: [public.items]
    mode: scheduled
    schedule: { cron: '0 3 1 1 *', timeZone: UTC }
  library:
    from: operations
    to: cache
    tables: [public.pages]
    mode: scheduled
    schedule: { cron: '0 3 1 1 *', timeZone: UTC }`;

let rig: Rig;
let desk: RunDesk;

beforeAll(async () => {
  rig = await Rig.create(SCHEMA, DATA_SETS);
  desk = new RunDesk(rig);
  await rig.setUp();
  await rig.start();
});

beforeEach(() => rig.streaming());

afterAll(() => rig.destroy());

async function expectEqual(): Promise<void> {
  await rig.streaming();
  await rig.expectDocuments('items');
  await rig.expectRows('items', 'item_copies');
}

const ONE_ROW = 'UPDATE public.items SET version = version + 1 WHERE id = 1 + floor(random() * 400)::int';

/** The stream still brings changes. */
async function expectStreaming(): Promise<void> {
  const name = `streamed ${Math.random()}`;
  await rig.operations.query('UPDATE public.items SET name = $1 WHERE id = 400', [name]);
  await waitFor(async () => (await rig.document('{items}:400'))?.includes(name) === true, { what: 'the stream' });
}

/** The cursor of the copy in the lane's state at the target. */
async function copyState(): Promise<unknown> {
  return (JSON.parse((await rig.cache.get('sync:lane:{items}:')) ?? '{}') as { copy: unknown }).copy;
}

it('copies everything beside the stream and tells exactly what it changed', async () => {
  await rig.cache.set('{items}:900', '{"id":900}');
  await rig.cache.set('{items}:none', 'no row can have this key');
  await rig.cache.set('{items}:7', '{"id":7}');
  await rig.cache.del('{items}:8');
  const run = await desk.reaches(await desk.start({ mode: 'full', dataSets: ['items'] }), 'succeeded', 'failed');
  const { progress, state, message } = run.items[0] ?? {};
  expect({ state, message }).toEqual({ state: 'succeeded', message: expect.any(String) });
  expect(progress).toMatchObject({ phase: 'done', rowsRead: 400, rowsApplied: 400, rowsTotal: 400, percent: 100 });
  expect(progress).toMatchObject({ inserted: 1, changed: 1, same: 398, removed: 2, errors: 0 });
  expect(progress?.rawBytes).toBeGreaterThan(1000);
  expect(await copyState()).toBeNull();
  await expectEqual();
});

it.each(['items', 'copies', 'kits'])('a full run of %s under load leaves both sides equal', async (dataSet) => {
  await rig.underLoad(ONE_ROW, async () => {
    await desk.reaches(await desk.start({ mode: 'full', dataSets: [dataSet] }), 'succeeded');
  });
  await expectEqual();
});

it('rests while it is paused and the stream goes on, then goes on where it was', async () => {
  const id = await desk.start({ mode: 'full', dataSets: ['items'], options: { rateLimitRowsPerS: 20 } });
  await desk.applied(id, 20);
  await desk.steer(id, 'pause');
  await desk.reaches(id, 'paused');
  const resting = await copyState();
  await expectStreaming();
  expect(await copyState()).toEqual(resting);
  expect(resting).toMatchObject({ phase: 'rows' });
  await desk.limit(id, null);
  await desk.steer(id, 'resume');
  const run = await desk.reaches(id, 'succeeded');
  expect(run.items[0]?.progress).toMatchObject({ rowsApplied: 400, inserted: 0, same: 400 });
  await expectEqual();
});

it('writes nothing more once it is cancelled, and the stream goes on', async () => {
  await rig.cache.set('{items}:395', 'planted');
  const id = await desk.start({ mode: 'full', dataSets: ['items'], options: { rateLimitRowsPerS: 20 } });
  await desk.applied(id, 20);
  await desk.steer(id, 'cancel');
  const run = await desk.reaches(id, 'cancelled');
  expect(run.items[0]?.progress.rowsApplied).toBeLessThan(400);
  expect(await copyState()).toBeNull();
  await expectStreaming();
  expect(await rig.document('{items}:395')).toBe('planted');
  expect(await rig.lanes()).toContainEqual({ name: 'items', state: 'streaming', reason: null });
  await desk.reaches(await desk.start({ mode: 'full', dataSets: ['items'] }), 'succeeded');
  await expectEqual();
});

it('cancels what is paused', async () => {
  const id = await desk.start({ mode: 'full', dataSets: ['items'], options: { rateLimitRowsPerS: 20 } });
  await desk.applied(id, 20);
  await desk.steer(id, 'pause');
  await desk.reaches(id, 'paused');
  await desk.steer(id, 'cancel');
  await desk.reaches(id, 'cancelled');
  expect(await copyState()).toBeNull();
  await expectStreaming();
});

it('lets through what the rate allows, and follows a change of it', async () => {
  const id = await desk.start({ mode: 'full', dataSets: ['items'], options: { rateLimitRowsPerS: 1 } });
  await desk.applied(id, 2);
  await expectStreaming();
  const { items } = await desk.read(id);
  expect(items[0]?.progress.rowsApplied).toBeLessThan(50);
  await desk.limit(id, null);
  await desk.reaches(id, 'succeeded');
  await expectEqual();
});

it('writes only the keys that are asked for, and removes those that the source does not have', async () => {
  for (const key of ['1', '2', '900', '901']) await rig.cache.set(`{items}:${key}`, 'planted');
  const options = { keys: ['1', '900', 'none'] };
  const run = await desk.reaches(await desk.start({ mode: 'full', dataSets: ['items'], options }), 'succeeded');
  expect(run.items[0]?.progress).toMatchObject({ rowsApplied: 3, rowsTotal: 3, changed: 1, removed: 1 });
  expect(await rig.document('{items}:1')).toContain('"id":1');
  expect(await rig.document('{items}:2')).toBe('planted');
  expect(await rig.document('{items}:900')).toBeNull();
  expect(await rig.document('{items}:901')).toBe('planted');
  await desk.reaches(await desk.start({ mode: 'full', dataSets: ['items'] }), 'succeeded');
  await expectEqual();
});

const OTHERWISE = 'The row of the key 01 is written 1; name it so.';
const IMPOSSIBLE = 'No row of public.items can have the key none.';

describe.each(['full', 'repair', 'verify'] as const)('a %s run', (mode) => {
  it.each([
    ['copies', '01', OTHERWISE],
    ['items', '01', OTHERWISE],
    ['copies', 'none', IMPOSSIBLE],
  ])('of %s does not begin with the key %s', async (dataSet, key, stateReason) => {
    const id = await desk.start({ mode, dataSets: [dataSet], options: { keys: ['2', key] } });
    const run = await desk.reaches(id, 'failed', 'succeeded', 'succeeded_with_leftovers');
    expect(run.summary).toMatchObject({ state: 'failed', stateReason });
    await expectEqual();
  });
});

it('writes nothing of the keys that it is given when too many of them would be removed', async () => {
  const gone = Array.from({ length: 60 }, (_none, i) => String(1000 + i));
  await rig.cache.mset(...gone.flatMap((key) => [`{items}:${key}`, 'extra']), '{items}:1', 'planted');
  const run = (keys: readonly string[]) =>
    desk.start({ mode: 'full', dataSets: ['items'], options: { keys: ['1', ...keys] } });
  const stopped = await desk.reaches(await run(gone), 'stopped_by_guard', 'succeeded');
  expect(stopped.summary).toMatchObject({
    state: 'stopped_by_guard',
    stateReason: '60 of 460 rows would be removed, more than 5 %; nothing was removed.',
  });
  expect(await rig.document('{items}:1000')).toBe('extra');
  expect(await rig.document('{items}:1')).toBe('planted');
  expect(await copyState()).toBeNull();
  const some = await desk.reaches(await run(gone.slice(0, 20)), 'succeeded', 'stopped_by_guard');
  expect(some.items[0]?.progress).toMatchObject({ removed: 20, changed: 1 });
  await rig.cache.del(...gone.map((key) => `{items}:${key}`));
  await expectEqual();
});

it('removes as many of the keys that it is given as were confirmed', async () => {
  const gone = Array.from({ length: 60 }, (_none, i) => String(1000 + i));
  await rig.cache.mset(...gone.flatMap((key) => [`{items}:${key}`, 'extra']));
  const limits = { maxRemovalShare: 0.05, maxDeviationShare: 0.1, expected: { items: { rows: 0, removals: 60 } } };
  const id = await desk.start({ mode: 'full', dataSets: ['items'], options: { keys: gone }, limits });
  expect((await desk.reaches(id, 'succeeded', 'stopped_by_guard')).items[0]?.progress.removed).toBe(60);
  await expectEqual();
});

it.each([
  ['items', '{items}:'],
  ['kits', '{kits}:'],
])('writes only the rows of %s that match a filter', async (dataSet, prefix) => {
  for (const key of ['11', '12', '13']) await rig.cache.set(prefix + key, 'planted');
  const filter = [
    { column: 'id', operator: 'in', value: [11, 12] },
    { column: 'name', operator: 'ne', value: "item 12' OR true --" },
    { column: 'name', operator: 'eq', value: 'item 11' },
  ] as const;
  const options = { filter: filter.map((condition) => ({ ...condition })) } as never;
  const run = await desk.reaches(await desk.start({ mode: 'full', dataSets: [dataSet], options }), 'succeeded');
  expect(run.items[0]?.progress).toMatchObject({ rowsApplied: 1, rowsTotal: 1, changed: 1 });
  expect(await rig.document(`${prefix}11`)).toContain('"item 11"');
  expect(await rig.document(`${prefix}12`)).toBe('planted');
  await desk.reaches(await desk.start({ mode: 'full', dataSets: [dataSet] }), 'succeeded');
});

it.each([
  [
    'has a column that is not there',
    { column: 'colour', operator: 'eq', value: 'red' },
    /has no column "colour"; it has id/,
  ],
  ['has a value that does not fit', { column: 'id', operator: 'gt', value: 'many' }, /does not fit public.items/],
])('fails before it writes when the filter %s', async (_name, condition, message) => {
  const options = { filter: [condition] } as never;
  const run = await desk.reaches(await desk.start({ mode: 'full', dataSets: ['items'], options }), 'failed');
  expect(run.items[0]?.message).toMatch(message);
  await expectEqual();
});

it('removes nothing when too much would go, and says why', async () => {
  const extra = Array.from({ length: 60 }, (_none, i) => [`{items}:${1000 + i}`, 'extra']);
  await rig.cache.mset(...extra.flat());
  const id = await desk.start({ mode: 'full', dataSets: ['items'] });
  const run = await desk.reaches(id, 'stopped_by_guard');
  expect(run.summary.stateReason).toMatch(/60 of 460 rows would be removed, more than 5 %; nothing was removed/);
  expect(await rig.document('{items}:1000')).toBe('extra');
  await expectStreaming();
  const limits = { maxRemovalShare: 0.05, maxDeviationShare: 0.1, expected: { items: { rows: 400, removals: 60 } } };
  const confirmed = await desk.reaches(await desk.start({ mode: 'full', dataSets: ['items'], limits }), 'succeeded');
  expect(confirmed.items[0]?.progress.removed).toBe(60);
  await expectEqual();
});

it.each([
  ['rows', { rows: 600, removals: 0 }, /400 rows were read where the preview told 600/],
  ['rows', { rows: 200, removals: 0 }, /More than \d+ rows were read where the preview told 200/],
])('stops when the %s leave the preview', async (_name, expected, reason) => {
  const limits = { maxRemovalShare: 0.05, maxDeviationShare: 0.1, expected: { items: expected } };
  await rig.cache.set('{items}:900', 'extra');
  const run = await desk.reaches(await desk.start({ mode: 'full', dataSets: ['items'], limits }), 'stopped_by_guard');
  expect(run.summary.stateReason).toMatch(reason);
  expect(await rig.document('{items}:900')).toBe('extra');
  await rig.cache.del('{items}:900');
});

it('brings a scheduled data set up to now, and counts what it brought', async () => {
  await desk.reaches(await desk.start({ mode: 'incremental', dataSets: ['nightly'] }), 'succeeded');
  await rig.operations.query(`UPDATE public.items SET name = 'by night' WHERE id <= 30`);
  const run = await desk.reaches(await desk.start({ mode: 'incremental', dataSets: ['nightly'] }), 'succeeded');
  expect(run.items[0]?.progress).toMatchObject({ rowsApplied: 30, rowsTotal: 30, percent: 100 });
  expect(await rig.document('{nightly}:30')).toContain('by night');
});

it('moves a scheduled data set in its runs only, whatever wakes its lane', async () => {
  await desk.reaches(await desk.start({ mode: 'incremental', dataSets: ['nightly'] }), 'succeeded');
  await rig.operations.query(`UPDATE public.items SET name = 'at its time' WHERE id <= 30`);
  await rig.streaming();
  const compared = await desk.start({ mode: 'verify', dataSets: ['nightly'] });
  const { message } = (await desk.reaches(compared, 'succeeded_with_leftovers')).items[0] ?? {};
  expect(message).toBe('30 rows could not be checked.');
  expect(await rig.document('{nightly}:3')).not.toContain('at its time');
  const run = await desk.reaches(await desk.start({ mode: 'incremental', dataSets: ['nightly'] }), 'succeeded');
  expect(run.items[0]?.progress).toMatchObject({ rowsApplied: 30, rowsTotal: 30 });
});

it('leaves no row of a scheduled data set behind that misses columns, however many there are', async () => {
  const documents = async () => (await rig.cache.keys('{library}:*')).length;
  await desk.reaches(await desk.start({ mode: 'incremental', dataSets: ['library'] }), 'succeeded');
  await rig.cache.unlink(await rig.cache.keys('{library}:*'));
  expect(await documents()).toBe(0);
  await rig.operations.query(`UPDATE public.pages SET note = 'second'`);
  await desk.reaches(await desk.start({ mode: 'incremental', dataSets: ['library'] }), 'succeeded');
  expect(await documents()).toBe(600);
  expect(await rig.document('{library}:600')).toContain('"note":"second"');
});

it('tells in a preview what a scheduled data set has not applied, and nothing that its copy holds', async () => {
  const look = async () => (await desk.preview({ mode: 'incremental', dataSets: ['nightly'] })).items[0];
  await desk.reaches(await desk.start({ mode: 'incremental', dataSets: ['nightly'] }), 'succeeded');
  await rig.operations.query(`UPDATE public.items SET name = 'pending' WHERE id <= 7`);
  await rig.streaming();
  expect(await look()).toMatchObject({ rows: 7, changes: 7, removals: 0, targetRows: null });
  const ofLane = `lane_id = (SELECT id FROM sync.ledger_lanes WHERE name = 'nightly')`;
  const { rows } = await rig.system.query<{ since_lsn: string }>(
    `SELECT since_lsn FROM sync.lane_tables WHERE ${ofLane}`,
  );
  await rig.system.query(`UPDATE sync.lane_tables SET since_lsn = 'FFFFFFFF/0' WHERE ${ofLane}`);
  expect(await look()).toMatchObject({ rows: 0, changes: 0 });
  await rig.system.query(`UPDATE sync.lane_tables SET since_lsn = $1 WHERE ${ofLane}`, [rows[0]?.since_lsn]);
  await desk.reaches(await desk.start({ mode: 'incremental', dataSets: ['nightly'] }), 'succeeded');
});

it('tells no words of a server when it tries again', async () => {
  await rig.system.query(`CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the row of ana@example.com is locked' USING ERRCODE = '55P03'; END $$`);
  await rig.system.query(
    'CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON public.item_copies EXECUTE FUNCTION public.refuse()',
  );
  const id = await desk.start({ mode: 'full', dataSets: ['copies'] });
  const said = async () => (await desk.read(id)).items[0]?.message ?? false;
  const message = await waitFor(said, { what: 'the error to be told', timeoutMs: 60_000 });
  await rig.system.query('DROP FUNCTION public.refuse CASCADE');
  expect(message).toMatch(/^Tried again after: An error that was not expected \(55P03\)/);
  await desk.reaches(id, 'succeeded');
  await expectEqual();
});

interface Refusal {
  readonly change: string;
  readonly tighten: string;
  readonly loosen: string;
  readonly code: string;
  readonly advice: RegExp;
}

it.each<[string, Refusal]>([
  [
    'a rule',
    {
      change: `name = 'poison'`,
      tighten: `ADD CONSTRAINT no_poison CHECK (name <> 'poison')`,
      loosen: 'DROP CONSTRAINT no_poison',
      code: '23514',
      advice: /rule/,
    },
  ],
  [
    'a type',
    {
      change: 'version = 99999',
      tighten: 'ALTER version TYPE smallint',
      loosen: 'ALTER version TYPE int',
      code: '22003',
      advice: /./,
    },
  ],
])('sets a row aside that %s of the target refuses, and lists it with advice', async (_name, refusal) => {
  const alter = (what: string) => rig.system.query(`ALTER TABLE public.item_copies ${what}`);
  await alter(refusal.tighten);
  await rig.operations.query(`UPDATE public.items SET ${refusal.change} WHERE id = 5`);
  const isSetAside = async () =>
    (await rig.system.query(`SELECT 1 FROM sync.lane_failures WHERE status = 'failed'`)).rowCount === 1;
  await waitFor(isSetAside, { what: 'the row to be set aside' });
  await rig.stop();
  await rig.start(); // which knows the types as they are now
  const id = await desk.start({ mode: 'full', dataSets: ['copies'] });
  const run = await desk.reaches(id, 'succeeded_with_leftovers');
  expect(run.items[0]?.progress).toMatchObject({ errors: 1, rowsApplied: 399, changed: 0, same: 399, percent: 100 });
  const [error] = await desk.errors(id);
  expect(error).toMatchObject({ kind: 'failed', entityType: 'public.items', entityId: '5', code: refusal.code });
  expect(error?.advice).toMatch(refusal.advice);
  await alter(refusal.loosen);
  await desk.reaches(await desk.start({ mode: 'full', dataSets: ['copies'], options: { keys: ['5'] } }), 'succeeded');
  await expectEqual();
});

it('resyncs a data set that needs it; cancelled half way it needs it again', async () => {
  await rig.system.query(`UPDATE sync.ledger_lanes SET state = 'needs_resync', reason = 'test' WHERE name = 'items'`);
  const id = await desk.start({ mode: 'full', dataSets: ['items'], options: { rateLimitRowsPerS: 20 } });
  await desk.applied(id, 20);
  await desk.steer(id, 'cancel');
  await desk.reaches(id, 'cancelled');
  await rig.needsResync(/cancelled/, 'items');
  const refused = await desk.reaches(await desk.start({ mode: 'incremental', dataSets: ['items'] }), 'failed');
  expect(refused.summary.stateReason).toMatch(/needs a resync/);
  await desk.reaches(await desk.start({ mode: 'full', dataSets: ['items'] }), 'succeeded');
  await expectEqual();
});

it('spreads one run over data sets, and goes on in another worker', async () => {
  const id = await desk.start({ mode: 'full', dataSets: ['items', 'copies'], options: { rateLimitRowsPerS: 20 } });
  await desk.applied(id, 20);
  await rig.stop();
  await rig.start();
  await desk.limit(id, null);
  const run = await desk.reaches(id, 'succeeded');
  for (const { progress } of run.items) expect(progress).toMatchObject({ rowsApplied: 400, percent: 100 });
  await expectEqual();
});
