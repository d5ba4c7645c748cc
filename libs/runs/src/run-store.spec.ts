import { FencedError } from '@astro/sync-core';
import { waitFor } from '@astro/testing';
import { createRun, steerRun, changeRate } from './run-desk.js';
import { isEnded } from './run-state.js';
import type { ClaimedItem } from './claim.js';
import { readRun } from './run-views.js';
import { ANA, RunsRig, aRun } from './runs.fixture.js';

let rig: RunsRig;
beforeAll(async () => {
  rig = await RunsRig.create();
});
afterEach(() => rig.emptied());
afterAll(() => rig.destroy());

const LANES = ['orders', 'items'];

async function claimOne(worker = 'w1'): Promise<ClaimedItem> {
  const [item] = await rig.store.claimItems(worker, LANES);
  if (!item) throw new Error('nothing to claim');
  return item;
}

const steer = (runId: string, verb: 'pause' | 'resume' | 'cancel') =>
  rig.transaction((client) => steerRun(client, runId, { verb, by: ANA }));

async function progressOf(runId: string) {
  const run = await readRun(rig.pool, runId);
  if (!run) throw new Error('no such run');
  return run.summary.progress;
}

describe('who works on what', () => {
  it('gives each item to one of many workers that ask at the same time', async () => {
    const runId = await rig.start({ dataSets: LANES });
    const workers = Array.from({ length: 8 }, (_, index) => `w${index}`);
    const claims = (await Promise.all(workers.map((worker) => rig.store.claimItems(worker, LANES)))).flat();
    expect(claims.map(({ dataSet }) => dataSet).sort()).toEqual(['items', 'orders']);
    expect(await rig.stateOf(runId)).toBe('running');
  });

  it('leaves data sets of others alone', async () => {
    await rig.start({ dataSets: LANES });
    expect((await rig.store.claimItems('w1', ['items'])).map(({ dataSet }) => dataSet)).toEqual(['items']);
    expect(await rig.store.claimItems('w1', [])).toEqual([]);
  });

  it('hands the work of a worker that fell silent to the next, with what it left', async () => {
    const runId = await rig.start();
    const { itemId } = await claimOne('dead');
    await rig.store.progress(itemId, 'dead', { phase: 'reading', add: { rowsRead: 10 }, stateData: { after: '10' } });
    expect(await rig.store.claimItems('w2', LANES)).toEqual([]);
    await rig.silence(itemId);
    const taken = await claimOne('w2');
    expect(taken).toMatchObject({ itemId, attempts: 2, stateData: { after: '10' }, counters: { rowsRead: 10 } });
    await expect(rig.store.heartbeat(itemId, 'dead')).rejects.toThrow(FencedError);
    await expect(rig.store.progress(itemId, 'dead', { add: { rowsRead: 5 } })).rejects.toThrow(FencedError);
    await expect(rig.store.finishItem(itemId, 'dead', { outcome: 'failed' })).rejects.toThrow(FencedError);
    expect(await rig.stateOf(runId)).toBe('running');
  });

  it('hands back at once what a worker releases', async () => {
    await rig.start();
    const { itemId } = await claimOne('w1');
    await rig.store.releaseItem(itemId, 'w1');
    expect((await claimOne('w2')).itemId).toBe(itemId);
  });

  it('keeps what is renewed', async () => {
    await rig.start();
    const { itemId } = await claimOne('w1');
    await rig.silence(itemId);
    expect(await rig.store.heartbeat(itemId, 'w1')).toEqual({ control: 'run', rateRowsPerS: null });
    expect(await rig.store.claimItems('w2', LANES)).toEqual([]);
  });
});

describe('one writer per data set', () => {
  it('refuses a second run, or lets it wait behind the first', async () => {
    const first = await rig.start({ dataSets: LANES });
    const refused = await rig.transaction((client) => createRun(client, aRun()));
    expect(refused).toMatchObject({ kind: 'busy', inTheWay: [{ runId: first, dataSet: 'orders', initiator: ANA }] });
    const second = await rig.start({ whenBusy: 'queue' });
    const items = await rig.store.claimItems('w1', LANES);
    expect(items.map(({ runId }) => runId)).toEqual([first, first]);
    for (const { itemId } of items) await rig.store.finishItem(itemId, 'w1', { outcome: 'succeeded' });
    expect(await claimOne()).toMatchObject({ runId: second });
  });

  it('starts one of two runs that are started at the same moment', async () => {
    const both = await Promise.all([1, 2, 3, 4].map(() => rig.transaction((client) => createRun(client, aRun()))));
    expect(both.filter(({ kind }) => kind === 'created')).toHaveLength(1);
  });

  it('lets previews by', async () => {
    await rig.start();
    await claimOne();
    const preview = await rig.start({ isPreview: true });
    expect(await claimOne()).toMatchObject({ runId: preview, isPreview: true });
  });

  it('makes one preview of a data set at a time', async () => {
    const previews = [await rig.start({ isPreview: true }), await rig.start({ isPreview: true })];
    const other = await rig.start({ isPreview: true, dataSets: ['items'] });
    const begun = await rig.store.claimItems('w1', LANES);
    expect(begun.map(({ runId }) => runId)).toEqual([previews[0], other]);
    expect(await rig.store.claimItems('w2', LANES)).toEqual([]);
    await rig.store.finishItem(begun[0]?.itemId ?? '', 'w1', { outcome: 'succeeded' });
    expect(await claimOne('w2')).toMatchObject({ runId: previews[1] });
  });

  it('lets a preview wait for no worker that fell silent', async () => {
    await rig.start({ isPreview: true });
    const { itemId } = await claimOne('dead');
    const second = await rig.start({ isPreview: true });
    await rig.silence(itemId);
    expect(await claimOne('w2')).toMatchObject({ itemId });
    expect(await rig.store.claimItems('w2', LANES)).toEqual([]);
    await rig.store.finishItem(itemId, 'w2', { outcome: 'succeeded' });
    expect(await claimOne('w2')).toMatchObject({ runId: second });
  });
});

describe('progress', () => {
  it('adds up, is held when a takeover counts less, and reaches 100 only at the end', async () => {
    const runId = await rig.start();
    const { itemId } = await claimOne();
    await rig.store.progress(itemId, 'w1', { phase: 'reading', rowsTotal: 1000, add: { rowsRead: 400 } });
    expect(await progressOf(runId)).toMatchObject({ phase: 'reading', percent: 0, rowsRead: 400, rowsTotal: 1000 });
    await rig.store.progress(itemId, 'w1', { phase: 'applying', add: { rowsApplied: 400, inserted: 400 } });
    expect((await progressOf(runId)).percent).toBe(40);
    await rig.store.progress(itemId, 'w1', { rowsTotal: 2000, set: { rowsApplied: 100 } });
    expect(await progressOf(runId)).toMatchObject({ percent: 40, rowsApplied: 400, rowsTotal: 2000 });
    await rig.store.progress(itemId, 'w1', { phase: 'verifying', set: { rowsApplied: 5000 } });
    expect(await progressOf(runId)).toMatchObject({ percent: 99.9, phase: 'verifying' });
    expect(await rig.stateOf(runId)).toBe('verifying');
    expect(await rig.store.finishItem(itemId, 'w1', { outcome: 'succeeded' })).toBe('succeeded');
    expect(await progressOf(runId)).toMatchObject({ percent: 100, phase: 'done', eta: { reason: 'ended' } });
  });

  it('weights data sets by their rows and never goes back when one begins to count', async () => {
    const runId = await rig.start({ dataSets: LANES });
    const [orders, items] = await rig.store.claimItems('w1', LANES);
    if (!orders || !items) throw new Error('both were expected');
    await rig.store.progress(orders.itemId, 'w1', { rowsTotal: 900, add: { rowsApplied: 450 } });
    expect((await progressOf(runId)).percent).toBeNull();
    await rig.store.progress(items.itemId, 'w1', { rowsTotal: 100 });
    expect((await progressOf(runId)).percent).toBe(45);
    await rig.store.progress(items.itemId, 'w1', { rowsTotal: 100_000 });
    expect((await progressOf(runId)).percent).toBe(45);
    await rig.store.finishItem(orders.itemId, 'w1', { outcome: 'succeeded' });
    expect((await progressOf(runId)).percent).toBeLessThan(100);
  });

  it('stays where it was when the run fails, and says why', async () => {
    const runId = await rig.start();
    const { itemId } = await claimOne();
    await rig.store.progress(itemId, 'w1', { rowsTotal: 10, add: { rowsApplied: 5 } });
    await rig.store.finishItem(itemId, 'w1', { outcome: 'failed', message: 'The target is full.' });
    const run = await readRun(rig.pool, runId);
    expect(run?.summary).toMatchObject({
      state: 'failed',
      stateReason: 'The target is full.',
      progress: { percent: 50 },
    });
    expect(run?.summary.finishedAt).not.toBeNull();
  });
});

describe('steering', () => {
  it('pauses, resumes and goes on where it was', async () => {
    const runId = await rig.start();
    const { itemId } = await claimOne();
    expect(await steer(runId, 'pause')).toMatchObject({ before: 'running', after: 'pausing' });
    expect(await steer(runId, 'pause')).toMatchObject({ move: { kind: 'already' } });
    expect((await rig.store.heartbeat(itemId, 'w1')).control).toBe('pause');
    await rig.store.pauseItem(itemId, 'w1');
    expect(await rig.stateOf(runId)).toBe('paused');
    expect(await rig.store.claimItems('w2', LANES)).toEqual([]);
    expect(await steer(runId, 'resume')).toMatchObject({ before: 'paused', after: 'running' });
    expect(await claimOne('w2')).toMatchObject({ itemId, attempts: 2, control: 'run' });
  });

  it('holds the data set of a paused run', async () => {
    const runId = await rig.start();
    const { itemId } = await claimOne();
    await steer(runId, 'pause');
    await rig.store.pauseItem(itemId, 'w1');
    await rig.start({ whenBusy: 'queue' });
    expect(await rig.store.claimItems('w2', LANES)).toEqual([]);
  });

  it('pauses a run whose worker is gone', async () => {
    const runId = await rig.start();
    const { itemId } = await claimOne();
    await steer(runId, 'pause');
    await rig.silence(itemId);
    expect(await rig.store.claimItems('w2', LANES)).toEqual([]);
    expect(await rig.stateOf(runId)).toBe('paused');
  });

  it('cancels at once what nobody has begun, and lets the worker tidy up what it has', async () => {
    const runId = await rig.start({ dataSets: LANES });
    const [begun] = await rig.store.claimItems('w1', ['orders']);
    expect(await steer(runId, 'cancel')).toMatchObject({ after: 'cancelling' });
    expect(await rig.store.claimItems('w2', LANES)).toEqual([]);
    expect((await rig.store.heartbeat(begun?.itemId ?? '', 'w1')).control).toBe('cancel');
    await rig.store.finishItem(begun?.itemId ?? '', 'w1', { outcome: 'cancelled' });
    expect(await rig.stateOf(runId)).toBe('cancelled');
    const waiting = await rig.start();
    expect(await steer(waiting, 'cancel')).toMatchObject({ before: 'queued', after: 'cancelled' });
  });

  it('gives a cancelled run whose worker is gone, or that rests, to a worker that tidies up', async () => {
    const runId = await rig.start();
    const { itemId } = await claimOne();
    await steer(runId, 'pause');
    await rig.store.pauseItem(itemId, 'w1');
    expect(await steer(runId, 'cancel')).toMatchObject({ after: 'cancelling' });
    expect(await claimOne('w2')).toMatchObject({ itemId, control: 'cancel' });
    await rig.silence(itemId);
    expect(await claimOne('w3')).toMatchObject({ itemId, control: 'cancel' });
    expect(await rig.store.finishItem(itemId, 'w3', { outcome: 'cancelled' })).toBe('cancelled');
  });

  it('discards a preview together with what is being counted', async () => {
    const preview = await rig.start({ isPreview: true });
    const { itemId } = await claimOne();
    expect(await steer(preview, 'cancel')).toBeNull();
    const discard = { verb: 'cancel', by: ANA, isPreview: true } as const;
    const discarded = await rig.transaction((client) => steerRun(client, preview, discard));
    expect(discarded).toMatchObject({ after: 'cancelled' });
    await expect(rig.store.heartbeat(itemId, 'w1')).rejects.toThrow(FencedError);
  });

  it('tells workers through the database', async () => {
    const heard: string[] = [];
    const listener = await rig.listen((id) => heard.push(id));
    const runId = await rig.start();
    const { itemId } = await claimOne();
    await rig.transaction((client) => changeRate(client, runId, { rowsPerS: 500, unless: isEnded }));
    expect((await rig.store.heartbeat(itemId, 'w1')).rateRowsPerS).toBe(500);
    await waitFor(() => heard.filter((id) => id === runId).length >= 3, { what: 'start, claim and rate to be told' });
    await listener.end();
  });
});

describe('chunks', () => {
  const chunk = (seq: number) => ({ seq, tableId: 1, fromKey: seq === 0 ? null : [String(seq)], toKey: null });

  it('are each taken by one of several workers and counted once', async () => {
    const runId = await rig.start();
    const { itemId } = await claimOne('w0');
    const chunks = Array.from({ length: 20 }, (_, seq) => chunk(seq));
    await rig.store.addChunks(itemId, 'w0', chunks);
    await rig.store.addChunks(itemId, 'w0', chunks);
    const work = async (worker: string) => {
      let done = 0;
      for (let next = await rig.store.claimChunk(worker, [itemId]); next; done++) {
        await rig.store.finishChunk(next.chunkId, worker, { counters: { rowsRead: 10, rowsApplied: 10 } });
        next = await rig.store.claimChunk(worker, [itemId]);
      }
      return done;
    };
    const counts = await Promise.all(['w0', 'w1', 'w2', 'w3'].map(work));
    expect(counts.reduce((a, b) => a + b)).toBe(20);
    expect(await progressOf(runId)).toMatchObject({ rowsRead: 200, rowsApplied: 200 });
  });

  it('of a run that gets a rate are left to who holds the item, who alone keeps to it', async () => {
    const runId = await rig.start({ mode: 'verify' });
    const { itemId } = await claimOne('w0');
    await rig.store.addChunks(itemId, 'w0', [chunk(0), chunk(1), chunk(2)]);
    expect(await rig.store.claimChunk('helper', [itemId])).toMatchObject({ seq: 0 });
    await rig.transaction((client) => changeRate(client, runId, { rowsPerS: 500, unless: isEnded }));
    expect(await rig.store.claimChunk('helper', [itemId])).toBeNull();
    expect(await rig.store.claimChunk('w0', [itemId])).toMatchObject({ seq: 1 });
    await rig.transaction((client) => changeRate(client, runId, { rowsPerS: null, unless: isEnded }));
    expect(await rig.store.claimChunk('helper', [itemId])).toMatchObject({ seq: 2 });
  });

  it('of a preview are for everybody, whatever the rate', async () => {
    await rig.start({ mode: 'full', isPreview: true, options: { rateLimitRowsPerS: 5 } });
    const { itemId } = await claimOne('w0');
    await rig.store.addChunks(itemId, 'w0', [chunk(0)]);
    expect(await rig.store.claimChunk('helper', [itemId])).toMatchObject({ seq: 0 });
  });

  it('are not given out while their run is being paused', async () => {
    const runId = await rig.start({ mode: 'verify' });
    const { itemId } = await claimOne('w0');
    await rig.store.addChunks(itemId, 'w0', [chunk(0)]);
    await steer(runId, 'pause');
    expect(await rig.store.claimChunk('helper', [itemId])).toBeNull();
  });

  it('say where their item stands now', async () => {
    await rig.start({ mode: 'repair' });
    const { itemId } = await claimOne('w0');
    await rig.store.addChunks(itemId, 'w0', [chunk(0), chunk(1)]);
    expect(await rig.store.claimChunk('helper', [itemId])).toMatchObject({ stateData: null });
    await rig.store.progress(itemId, 'w0', { stateData: { stage: 'prove', firstSeq: 1 } });
    const next = await rig.store.claimChunk('helper', [itemId]);
    expect(next).toMatchObject({ seq: 1, stateData: { stage: 'prove', firstSeq: 1 } });
  });

  it('of a worker that fell silent go to another, and its late end counts nothing', async () => {
    await rig.start();
    const { itemId } = await claimOne();
    await rig.store.addChunks(itemId, 'w1', [chunk(0)]);
    const first = await rig.store.claimChunk('dead', [itemId]);
    expect(await rig.store.claimChunk('w2', [itemId])).toBeNull();
    await rig.sql(`UPDATE sync.run_chunks SET lease_until = now() - interval '1 second'`);
    const again = await rig.store.claimChunk('w2', [itemId]);
    expect(again).toMatchObject({ chunkId: first?.chunkId, attempts: 2, fromKey: null });
    const late = rig.store.finishChunk(first?.chunkId ?? '', 'dead', { counters: { rowsRead: 7 } });
    await expect(late).rejects.toThrow(FencedError);
    await rig.store.finishChunk(again?.chunkId ?? '', 'w2', { counters: { rowsRead: 7 } });
    expect(await rig.sql('SELECT rows_read FROM sync.run_items')).toEqual([{ rows_read: '7' }]);
  });
});

it('tells of what has succeeded as much as it turned out to be, as the run does', async () => {
  const runId = await rig.start({ mode: 'repair' });
  const [item] = await rig.store.claimItems('w1', ['orders']);
  const itemId = item?.itemId ?? '';
  await rig.store.progress(itemId, 'w1', { rowsTotal: 20, add: { rowsRead: 10 } });
  await rig.store.finishItem(itemId, 'w1', { outcome: 'succeeded' });
  const run = await readRun(rig.pool, runId);
  expect(run?.items[0]?.progress).toMatchObject({ rowsRead: 10, rowsTotal: 10, percent: 100 });
  expect(run?.summary.progress).toMatchObject({ rowsTotal: 10, percent: 100 });
});
