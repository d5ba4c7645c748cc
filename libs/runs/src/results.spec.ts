import { KEPT_ERRORS, type NewRunError } from './error-rows.js';
import { countErrors, listErrorGroups, listErrors } from './error-views.js';
import { DEFAULT_GUARD } from './guard.js';
import { durationOf, largestRemoval, readPreview, totalDuration } from './previews.js';
import { retryRun } from './retry.js';
import { changeRate } from './run-desk.js';
import { ANA, RunsRig } from './runs.fixture.js';

let rig: RunsRig;
beforeAll(async () => {
  rig = await RunsRig.create();
});
afterEach(() => rig.emptied());
afterAll(() => rig.destroy());

function failures(from: number, count: number, more: Partial<NewRunError> = {}): NewRunError[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ kind: 'failed' as const, entityType: 'public.orders', entityId: String(from + index), field: null },
    ...{ code: '23502', message: 'No.', advice: 'Fix the row.', ...more },
  }));
}

async function begun(run: Parameters<RunsRig['start']>[0] = {}) {
  const runId = await rig.start(run);
  const items = await rig.store.claimItems('w1', ['orders', 'items']);
  const itemId = (dataSet: string) => items.find((item) => item.dataSet === dataSet)?.itemId ?? '';
  return { runId, itemId };
}

/** What a plan for so many rows of `orders` tells. */
async function durationFor(rows: number) {
  const { runId, itemId } = await begun({ isPreview: true });
  const figures = { rows, inserts: 0, changes: 0, removals: 0, same: rows, targetRows: rows };
  await rig.store.recordPreview(itemId('orders'), 'w1', figures);
  await rig.store.finishItem(itemId('orders'), 'w1', { outcome: 'succeeded' });
  return (await readPreview(rig.pool, runId))?.items[0]?.duration;
}

const retry = (runId: string) => rig.transaction((client) => retryRun(client, runId, ANA));

describe('rows that failed or differ', () => {
  it('are counted once, however often they are told', async () => {
    const { runId, itemId } = await begun();
    expect(await rig.store.recordErrors(itemId('orders'), 'w1', failures(0, 5))).toBe(5);
    expect(await rig.store.recordErrors(itemId('orders'), 'w1', failures(3, 4))).toBe(2);
    expect(await countErrors(rig.pool, runId, { limit: 10 })).toBe(7);
    expect(await rig.sql('SELECT errors, different FROM sync.run_items')).toEqual([{ errors: '7', different: '0' }]);
  });

  it('are kept whatever their texts hold, and told again they are the same', async () => {
    const { runId, itemId } = await begun();
    const odd = failures(0, 1, { entityId: 'a\u0000', message: 'cut at \ud83e', advice: '\\u0000' });
    expect(await rig.store.recordErrors(itemId('orders'), 'w1', odd)).toBe(1);
    expect(await rig.store.recordErrors(itemId('orders'), 'w1', odd)).toBe(0);
    await rig.store.countErrors(itemId('orders'), 'w1', [
      { ...{ kind: 'failed', entityType: 'public.orders', code: '1', rows: 3 }, message: '\udd42', advice: '\u0000' },
    ]);
    const [row] = await listErrors(rig.pool, runId, { limit: 10 });
    expect(row).toMatchObject({ entityId: 'a\ufffd', message: 'cut at \ufffd', advice: '\\u0000' });
  });

  it('count as one different row with all their fields', async () => {
    const { runId, itemId } = await begun({ mode: 'verify' });
    const fields = ['price', 'date'].flatMap((field) => failures(1, 1, { kind: 'different', field, code: 'DIFFERS' }));
    await rig.store.recordErrors(itemId('orders'), 'w1', [...fields, ...failures(2, 1, { kind: 'missing' })]);
    expect(await rig.sql('SELECT errors, different FROM sync.run_items')).toEqual([{ errors: '0', different: '2' }]);
    const groups = await listErrorGroups(rig.pool, runId, { limit: 10, kind: 'different' });
    expect(groups.map(({ field, count }) => [field, count])).toEqual([
      ['date', 1],
      ['price', 1],
    ]);
  });

  it('are kept up to a limit and counted beyond it', async () => {
    const { runId, itemId } = await begun();
    for (let from = 0; from < KEPT_ERRORS + 2000; from += 4000) {
      await rig.store.recordErrors(itemId('orders'), 'w1', failures(from, 4000));
    }
    expect(await countErrors(rig.pool, runId, { limit: 10 })).toBe(KEPT_ERRORS + 2000);
    expect(await rig.sql('SELECT count(*)::int AS kept FROM sync.run_errors')).toEqual([{ kept: KEPT_ERRORS }]);
    const page = await listErrors(rig.pool, runId, { limit: 3, after: '0' });
    expect(page).toHaveLength(4);
  });

  it('are counted by cause where they are not told one by one', async () => {
    const { runId, itemId } = await begun({ mode: 'verify' });
    const { entityId: _id, field: _field, ...cause } = failures(1, 1)[0] as NewRunError;
    const more = [
      { ...cause, rows: 40 },
      { ...cause, kind: 'extra' as const, code: 'EXTRA', rows: 2 },
    ];
    await rig.store.recordErrors(itemId('orders'), 'w1', failures(1, 5));
    await rig.store.countErrors(itemId('orders'), 'w1', more);
    await rig.store.addChunks(itemId('orders'), 'w1', [{ seq: 0, tableId: 1, fromKey: null, toKey: null }]);
    const chunk = await rig.store.claimChunk('w1', [itemId('orders')]);
    await rig.store.finishChunk(chunk?.chunkId ?? '', 'w1', { counters: {}, errors: failures(5, 2), more });
    expect(await rig.sql('SELECT errors, different FROM sync.run_items')).toEqual([{ errors: '86', different: '4' }]);
    expect(await countErrors(rig.pool, runId, { limit: 10 })).toBe(90);
    const groups = await listErrorGroups(rig.pool, runId, { limit: 10 });
    expect(groups.map(({ code, field, count }) => [code, field, count])).toEqual([
      ['23502', null, 86],
      ['EXTRA', null, 4],
    ]);
  });
});

describe('trying again', () => {
  it('takes failed rows of a data set that was done, and all of one that failed', async () => {
    const { runId, itemId } = await begun({ dataSets: ['orders', 'items'], options: { rateLimitRowsPerS: 9 } });
    await rig.store.recordErrors(itemId('orders'), 'w1', failures(7, 2));
    await rig.store.finishItem(itemId('orders'), 'w1', { outcome: 'succeeded_with_leftovers' });
    await rig.store.finishItem(itemId('items'), 'w1', { outcome: 'failed', message: 'The target is away.' });
    expect(await retry(runId)).toMatchObject({ kind: 'created', dataSets: ['orders', 'items'] });
    const again = await rig.store.claimItems('w1', ['orders', 'items']);
    expect(again.map(({ dataSet, scope, rateRowsPerS }) => [dataSet, scope, rateRowsPerS])).toEqual([
      ['orders', { table: 'public.orders', keys: ['7', '8'] }, 9],
      ['items', {}, 9],
    ]);
  });

  it('keeps to the rate that the run had at its end', async () => {
    const { runId, itemId } = await begun({ options: { rateLimitRowsPerS: 9 } });
    await rig.transaction((client) => changeRate(client, runId, { rowsPerS: 200, unless: () => false }));
    await rig.store.finishItem(itemId('orders'), 'w1', { outcome: 'failed' });
    const again = await retry(runId);
    expect((await rig.store.claimItems('w1', ['orders']))[0]?.rateRowsPerS).toBe(200);
    const nextId = again?.kind === 'created' ? again.runId : '';
    await rig.transaction((client) => changeRate(client, nextId, { rowsPerS: null, unless: () => false }));
    await rig.sql(`UPDATE sync.run_items SET state = 'failed' WHERE run_id = $1`, [nextId]);
    await rig.sql(`UPDATE sync.runs SET state = 'failed' WHERE id = $1`, [nextId]);
    await retry(nextId);
    expect((await rig.store.claimItems('w1', ['orders']))[0]?.rateRowsPerS).toBeNull();
  });

  it('leaves what succeeded alone', async () => {
    const { runId, itemId } = await begun({ dataSets: ['orders', 'items'] });
    await rig.store.finishItem(itemId('orders'), 'w1', { outcome: 'succeeded' });
    await rig.store.finishItem(itemId('items'), 'w1', { outcome: 'failed' });
    expect(await retry(runId)).toMatchObject({ dataSets: ['items'] });
  });

  it('is refused while the run goes on, when nothing failed, and while another run is in the way', async () => {
    const { runId, itemId } = await begun();
    expect(await retry(runId)).toMatchObject({ kind: 'refused' });
    await rig.store.finishItem(itemId('orders'), 'w1', { outcome: 'failed' });
    const other = await rig.start();
    expect(await retry(runId)).toMatchObject({ kind: 'busy', inTheWay: [{ runId: other }] });
    expect(await retry('999')).toBeNull();
  });

  it('tries everything again when not every failed row was kept', async () => {
    const { runId, itemId } = await begun();
    await rig.store.recordErrors(itemId('orders'), 'w1', failures(0, 2));
    await rig.sql('UPDATE sync.run_error_groups SET rows = $1', [KEPT_ERRORS + 1]);
    await rig.store.finishItem(itemId('orders'), 'w1', { outcome: 'succeeded_with_leftovers' });
    await retry(runId);
    expect((await rig.store.claimItems('w1', ['orders']))[0]?.scope).toEqual({});
  });
});

describe('previews', () => {
  it('fail as a whole when one data set cannot be counted', async () => {
    const { runId, itemId } = await begun({ isPreview: true, dataSets: ['orders', 'items'] });
    const figures = { rows: 10, inserts: 1, changes: 2, removals: 3, same: 4, targetRows: 12 };
    await rig.store.recordPreview(itemId('orders'), 'w1', figures);
    await rig.store.finishItem(itemId('orders'), 'w1', { outcome: 'succeeded' });
    await rig.store.finishItem(itemId('items'), 'w1', { outcome: 'failed', message: 'The source is away.' });
    const preview = await readPreview(rig.pool, runId);
    expect(preview).toMatchObject({
      ...{ state: 'failed', readyAt: null },
      items: [
        { dataSet: 'orders', state: 'ready', ...figures, duration: null },
        { dataSet: 'items', state: 'failed', message: 'The source is away.', rows: null },
      ],
    });
  });

  it('know how long the last runs took', async () => {
    const { itemId } = await begun();
    await rig.store.finishItem(itemId('orders'), 'w1', { outcome: 'succeeded' });
    await rig.sql(`UPDATE sync.run_items SET pace = jsonb_build_object('done', 5000, 'workedS', 10)`);
    expect(await durationFor(3000)).toEqual({ lowS: 4, highS: 9 });
  });

  it.each([
    ['that was too short for its rate to be looked at', 1, { lowS: 0, highS: 1 }],
    ['but not of one that somebody may have paused', 2, null],
  ])('know how long a run took %s', async (_name, attempts, expected) => {
    const { itemId } = await begun();
    await rig.store.progress(itemId('orders'), 'w1', { set: { rowsRead: 300, rowsApplied: 300 } });
    await rig.sql('UPDATE sync.run_items SET attempts = $1', [attempts]);
    await rig.store.finishItem(itemId('orders'), 'w1', { outcome: 'succeeded' });
    expect(await durationFor(3)).toEqual(expected);
  });

  it('go by runs whose rate was looked at, where there are any', async () => {
    const ended = async (pace: object) => {
      const { runId, itemId } = await begun();
      await rig.store.finishItem(itemId('orders'), 'w1', { outcome: 'succeeded' });
      await rig.sql('UPDATE sync.run_items SET pace = $2 WHERE run_id = $1', [runId, pace]);
    };
    await ended({ done: 9000, workedS: 10, samples: 5 });
    await ended({ done: 10, workedS: 0.1, samples: 0 });
    expect(await durationFor(2700)).toEqual({ lowS: 2, highS: 5 });
  });

  it.each([
    ['no rate is known', 100, [], null],
    ['rates are nonsense', 100, [0, Number.NaN, Infinity], null],
    ['there are no rows', 0, [10], { lowS: 0, highS: 1 }],
    ['rates differ', 1000, [10, 100], { lowS: 6, highS: 150 }],
  ])('tell the time when %s', (_name, rows, rates, expected) => {
    expect(durationOf(rows, rates)).toEqual(expected);
  });

  it('tell a time in all only when they can tell every one', () => {
    const known = { duration: { lowS: 2, highS: 5 } };
    expect(totalDuration([known, { duration: { lowS: 3, highS: 4 } }])).toEqual({ lowS: 3, highS: 9 });
    expect(totalDuration([known, { duration: null }])).toBeNull();
    expect(totalDuration([])).toBeNull();
  });

  it('ask for the data set that loses the largest share', () => {
    const item = (dataSet: string, removals: number, targetRows: number) => ({
      ...{ dataSet, state: 'ready' as const, message: null, rows: 1, inserts: 0, changes: 0, same: 0 },
      ...{ removals, targetRows, duration: null },
    });
    const asking = largestRemoval([item('a', 60, 1000), item('b', 50, 100), item('c', 9, 9)], DEFAULT_GUARD);
    expect(asking?.dataSet).toBe('b');
    expect(largestRemoval([item('a', 50, 1000), item('c', 10, 10)], DEFAULT_GUARD)).toBeNull();
  });

  it.each([
    ['incremental', null],
    ['verify', null],
    ['full', 'orders'],
    ['repair', 'orders'],
  ] as const)('of mode %s ask for a confirmation of removals: %s', async (mode, asked) => {
    const { runId, itemId } = await begun({ mode, isPreview: true });
    const figures = { rows: 20, inserts: 0, changes: 0, removals: 12, same: 0, targetRows: 20 };
    await rig.store.recordPreview(itemId('orders'), 'w1', figures);
    await rig.store.finishItem(itemId('orders'), 'w1', { outcome: 'succeeded' });
    const { items } = (await readPreview(rig.pool, runId)) ?? { items: [] };
    expect(items).toMatchObject([{ removals: 12, targetRows: asked === null ? null : 20 }]);
    expect(largestRemoval(items, DEFAULT_GUARD)?.dataSet ?? null).toBe(asked);
  });
});
