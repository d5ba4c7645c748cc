import { RunStore } from '@astro/runs';
import { createLogger, createPool, postgresConfig } from '@astro/runtime';
import { waitFor } from '@astro/testing';
import { Rig } from '../testing/rig.fixture.js';
import { chunkOf } from './part-ledger.js';
import { RunDesk } from './runs.fixture.js';

const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, version int NOT NULL, name text);
INSERT INTO public.items SELECT i, 1, 'item ' || i FROM generate_series(1, 3000) i;
CREATE TABLE public.wide (id int PRIMARY KEY, a int, b int, c int, d int, e int, f int, g int, h int, j int, k int, l int);
INSERT INTO public.wide SELECT i, i, i, i, i, i, i, i, i, i, i, i FROM generate_series(1, 1500) i`;

const DATA_SETS = `  items:
    from: operations
    to: cache
    chunkRows: 500
    tables: [public.items]
  copies:
    from: operations
    to: system
    chunkRows: 500
    tables:
      - table: public.items
        into: public.item_copies
  wide:
    from: operations
    to: system
    tables:
      - table: public.wide
        into: public.wide_copies`;

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

/** Five differences of each kind, past the lanes. */
async function plant(): Promise<void> {
  for (let id = 1; id <= 5; id++) {
    await rig.cache.del(`{items}:${id}`);
    await rig.cache.set(`{items}:${id + 10}`, JSON.stringify({ id: id + 10, version: 77, name: 'planted' }));
    await rig.cache.set(`{items}:${id + 90_000}`, 'extra');
  }
  await rig.system.query(`DELETE FROM public.item_copies WHERE id <= 5`);
  await rig.system.query(`UPDATE public.item_copies SET name = 'planted' WHERE id BETWEEN 11 AND 15`);
  await rig.system.query(`INSERT INTO public.item_copies SELECT i, 1, 'extra' FROM generate_series(90001, 90005) i`);
}

async function expectEqual(): Promise<void> {
  await rig.streaming();
  await rig.expectDocuments('items');
  await rig.expectRows('items', 'item_copies');
}

const ONE_ROW = 'UPDATE public.items SET version = version + 1 WHERE id = 100 + floor(random() * 2900)::int';

it('tells of a slow comparison how far it is', async () => {
  const options = { rateLimitRowsPerS: 300 };
  const id = await desk.start({ mode: 'verify', dataSets: ['items'], options });
  const seen = new Set<number>();
  const look = async () => {
    const { summary, items } = await desk.read(id);
    seen.add(items[0]?.progress.rowsRead ?? 0);
    if (seen.size > 3) await desk.limit(id, null);
    return summary.state === 'succeeded';
  };
  await waitFor(look, { what: `run ${id} to end`, timeoutMs: 60_000 });
  expect([...seen]).toEqual([...seen].sort((a, b) => a - b));
  expect([...seen].filter((rows) => rows > 0 && rows < 3000).length).toBeGreaterThan(1);
});

it('finds nothing where both sides are equal, also while they are written', async () => {
  await rig.underLoad(ONE_ROW, async () => {
    const run = await desk.reaches(
      await desk.start({ mode: 'verify', dataSets: ['items', 'copies'] }),
      'succeeded',
      'succeeded_with_leftovers',
    );
    expect(run.items.map(({ message }) => message)).toEqual(['Both sides are equal.', 'Both sides are equal.']);
    for (const { progress } of run.items) expect(progress).toMatchObject({ same: 3000, different: 0, percent: 100 });
  });
});

it('tells in a preview exactly what a full run then does', async () => {
  await plant();
  const preview = await desk.preview({ mode: 'full', dataSets: ['items', 'copies'] });
  expect(preview.state).toBe('planned');
  for (const item of preview.items) {
    expect(item).toMatchObject({ state: 'ready', rows: 3000, inserts: 5, changes: 5, removals: 5, same: 2990 });
    expect(item.targetRows).toBe(3000);
  }
  const limits = {
    maxRemovalShare: 0.05,
    maxDeviationShare: 0.1,
    expected: Object.fromEntries(['items', 'copies'].map((name) => [name, { rows: 3000, removals: 5 }])),
  };
  const id = await desk.start({ mode: 'full', dataSets: ['items', 'copies'], limits, previewId: preview.id });
  for (const { progress } of (await desk.reaches(id, 'succeeded')).items) {
    expect(progress).toMatchObject({ rowsApplied: 3000, inserted: 5, changed: 5, removed: 5, same: 2990 });
  }
  await expectEqual();
});

it.each([
  ['everything', {}, 3000],
  ['some keys', { keys: ['1', '2', '999999'] }, 2],
  ['what a filter finds', { filter: [{ column: 'id', operator: 'le' as const, value: 40 }] }, 40],
])('tells in a preview how many rows a verify of %s reads', async (_name, options, rows) => {
  const preview = await desk.preview({ mode: 'verify', dataSets: ['items'], options });
  expect(preview.items).toMatchObject([{ rows, inserts: 0, changes: 0, removals: 0 }]);
  const run = await desk.reaches(await desk.start({ mode: 'verify', dataSets: ['items'], options }), 'succeeded');
  expect(run.items[0]?.progress.rowsRead).toBe(rows);
});

it('lists every difference by verify, and repair leaves both sides equal', async () => {
  await plant();
  const verified = await desk.start({ mode: 'verify', dataSets: ['items', 'copies'] });
  const found = await desk.reaches(verified, 'succeeded_with_leftovers');
  for (const { progress, message } of found.items) {
    expect(progress).toMatchObject({ different: 15, same: 2990 });
    expect(message).toBe('15 rows differ (5 missing, 5 different, 5 extra).');
  }
  const errors = await desk.errors(verified);
  expect(errors.filter(({ kind }) => kind === 'missing')).toHaveLength(10);
  expect(errors.filter(({ kind }) => kind === 'extra')).toHaveLength(10);
  expect(errors).toContainEqual(
    expect.objectContaining({ dataSet: 'copies', kind: 'different', entityId: '11', field: 'name' }),
  );
  await rig.underLoad(ONE_ROW, async () => {
    const run = await desk.reaches(await desk.start({ mode: 'repair', dataSets: ['items', 'copies'] }), 'succeeded');
    for (const { progress, message } of run.items) {
      expect(message).toBe('Both sides are equal.');
      expect(progress).toMatchObject({ different: 15, inserted: 5, changed: 5, removed: 5, percent: 100 });
    }
  });
  await expectEqual();
});

it.each([
  ['everything', {}, 1500],
  ['what a filter finds', { filter: [{ column: 'id', operator: 'le' as const, value: 1400 }] }, 1400],
  ['the keys that are asked for', { keys: Array.from({ length: 1000 }, (_none, i) => String(i + 1)) }, 1000],
])('repairs %s also where more fields differ than are kept', async (_name, options, rows) => {
  const fields = 'a = -1, b = -1, c = -1, d = -1, e = -1, f = -1, g = -1, h = -1, j = -1, k = -1, l = -1';
  await rig.system.query(`UPDATE public.wide_copies SET ${fields}`);
  const id = await desk.start({ mode: 'repair', dataSets: ['wide'], options });
  const run = await desk.reaches(id, 'succeeded', 'succeeded_with_leftovers');
  expect(run.items[0]).toMatchObject({ message: 'Both sides are equal.', progress: { different: rows } });
  const left = await rig.system.query('SELECT 1 FROM public.wide_copies WHERE a = -1');
  expect(left.rowCount).toBe(1500 - rows);
});

it('measures a repair by what it compares, before and after it writes', async () => {
  await plant();
  const scopes = [
    { options: { keys: ['1', '2', '11', '20'] }, chosen: 4 },
    { options: {}, chosen: 3000 },
  ];
  for (const { options, chosen } of scopes) {
    const id = await desk.start({ mode: 'repair', dataSets: ['copies'], options });
    const { progress } = (await desk.reaches(id, 'succeeded')).items[0] ?? {};
    expect(progress).toMatchObject({ rowsRead: 2 * chosen, percent: 100 });
    const { rows } = await rig.system.query<{ total: string }>(
      `SELECT rows_total AS total FROM sync.run_items WHERE run_id = $1`,
      [id],
    );
    expect(Number(rows[0]?.total)).toBeGreaterThanOrEqual(2 * chosen);
  }
  await desk.reaches(await desk.start({ mode: 'repair', dataSets: ['items'] }), 'succeeded');
  await expectEqual();
});

it('repairs nothing where too much would be removed', async () => {
  const extra = Array.from({ length: 400 }, (_none, i) => [`{items}:${50_000 + i}`, 'extra']);
  await rig.cache.mset(...extra.flat());
  const run = await desk.reaches(await desk.start({ mode: 'repair', dataSets: ['items'] }), 'stopped_by_guard');
  expect(run.summary.stateReason).toMatch(/400 of 3400 rows would be removed/);
  await rig.cache.del(...extra.map(([key]) => key as string));
  await expectEqual();
});

it('compares only the keys or rows that are asked for', async () => {
  await plant();
  const keys = { keys: ['1', '2', '20', '90001'] };
  const byKeys = await desk.reaches(
    await desk.start({ mode: 'verify', dataSets: ['items'], options: keys }),
    'succeeded_with_leftovers',
  );
  expect(byKeys.items[0]?.progress).toMatchObject({ rowsRead: 3, rowsTotal: 4, same: 1, different: 3 });
  const filter = { filter: [{ column: 'id', operator: 'le' as const, value: 12 }] };
  const byFilter = await desk.reaches(
    await desk.start({ mode: 'repair', dataSets: ['items'], options: filter }),
    'succeeded',
  );
  expect(byFilter.items[0]?.progress).toMatchObject({ different: 7 });
  expect(await rig.document('{items}:12')).toContain('item 12');
  expect(await rig.document('{items}:13')).toContain('planted');
  await desk.reaches(await desk.start({ mode: 'repair', dataSets: ['items', 'copies'] }), 'succeeded');
  await expectEqual();
});

it('keeps a comparison to its rate, and pauses, resumes and cancels it', async () => {
  const options = { rateLimitRowsPerS: 1000 };
  const id = await desk.start({ mode: 'verify', dataSets: ['items'], options });
  await desk.reaches(id, 'running', 'verifying');
  await desk.steer(id, 'pause');
  await desk.reaches(id, 'paused', 'succeeded');
  await desk.limit(id, null);
  await desk.steer(id, 'resume').catch(() => undefined); // it may have been too quick to pause
  await desk.reaches(id, 'succeeded');
  const slow = await desk.start({ mode: 'verify', dataSets: ['items'], options: { rateLimitRowsPerS: 1 } });
  await desk.reaches(slow, 'running', 'verifying');
  await desk.steer(slow, 'cancel');
  await desk.reaches(slow, 'cancelled');
});

it('is finished by the worker that is left when the other one goes', async () => {
  await rig.start();
  const id = await desk.start({ mode: 'verify', dataSets: ['copies'], options: { rateLimitRowsPerS: 500 } });
  const isRunning = async () => (await desk.read(id)).items[0]?.worker !== null;
  await waitFor(isRunning, { what: 'the run to be taken' });
  await rig.stop();
  await rig.start();
  await desk.limit(id, null);
  const run = await desk.reaches(id, 'succeeded');
  expect(run.items[0]?.progress).toMatchObject({ same: 3000, rowsRead: 3000 });
});

it('helps with the parts of a comparison that another worker holds', async () => {
  await plant();
  await rig.stop();
  const config = postgresConfig(rig.env['SYSTEM_DATABASE_URL'] ?? '', { applicationName: 'other worker' });
  const pool = createPool(config, createLogger('spec', { level: 'silent' }));
  try {
    const store = new RunStore(pool);
    const id = await desk.start({ mode: 'verify', dataSets: ['items'] });
    const [item] = await store.claimItems('other', ['items']);
    const itemId = item?.itemId ?? '';
    const { rows } = await rig.system.query<{ id: number }>(
      `SELECT id FROM sync.ledger_tables WHERE table_name = 'items'`,
    );
    const tableId = rows[0]?.id ?? 0;
    const bounds = [null, ['1000'], ['2000'], null];
    const ranges = bounds.slice(1).map((to, i) => ({ kind: 'range' as const, tableId, from: bounds[i] ?? null, to }));
    await store.addChunks(itemId, 'other', [...ranges, { kind: 'extras' as const, tableId }].map(chunkOf));
    await rig.start();
    const areDone = async () => {
      await store.heartbeat(itemId, 'other');
      const open = await rig.system.query(`SELECT 1 FROM sync.run_chunks WHERE item_id = $1 AND state <> 'done'`, [
        itemId,
      ]);
      return open.rowCount === 0;
    };
    await waitFor(areDone, { what: 'every part to be compared', timeoutMs: 60_000 });
    await store.finishItem(itemId, 'other', { outcome: 'succeeded' });
    const run = await desk.reaches(id, 'succeeded');
    expect(run.items[0]?.progress).toMatchObject({ rowsRead: 3000, same: 2990, different: 15 });
  } finally {
    await pool.end();
  }
  await desk.reaches(await desk.start({ mode: 'repair', dataSets: ['items', 'copies'] }), 'succeeded');
  await expectEqual();
});
