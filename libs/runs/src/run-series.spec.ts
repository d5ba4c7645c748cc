import { Client } from 'pg';
import { readRunSeries } from './run-series.js';
import { steerRun } from './run-desk.js';
import { ANA, RunsRig } from './runs.fixture.js';

let rig: RunsRig;
beforeAll(async () => {
  rig = await RunsRig.create();
});
afterEach(() => rig.emptied());
afterAll(() => rig.destroy());

const ERROR = {
  ...{ kind: 'failed' as const, entityType: 'public.orders', entityId: '7', field: null, code: '23502' },
  ...{ message: 'No.', advice: 'Fix the row.' },
};

interface Sample {
  readonly rows: number;
  readonly errors: number;
  readonly begins: boolean;
}

const samples = () =>
  rig.sql<Sample>(`SELECT rows_done::int AS rows, errors::int, begins FROM sync.run_samples ORDER BY item_id, at`);

async function begun(run: Parameters<RunsRig['start']>[0] = {}) {
  const runId = await rig.start(run);
  const [item] = await rig.store.claimItems('w1', ['orders']);
  return { runId, itemId: item?.itemId ?? '' };
}

/** As if everything had happened so much earlier. */
async function earlier(seconds: number): Promise<void> {
  const by = `make_interval(secs => ${seconds})`;
  await rig.sql(`UPDATE sync.run_samples SET at = at - ${by}`);
  await rig.sql(`UPDATE sync.run_items SET started_at = started_at - ${by}, updated_at = updated_at - ${by}`);
  await rig.sql(`UPDATE sync.runs SET started_at = started_at - ${by}, created_at = created_at - ${by}`);
}

const applied = (itemId: string, rowsApplied: number, worker = 'w1') =>
  rig.store.progress(itemId, worker, { add: { rowsApplied } });

/** What the database was asked meanwhile. */
async function statementsOf(work: () => Promise<void>): Promise<readonly string[]> {
  const asked = jest.spyOn(Client.prototype, 'query');
  await work();
  const texts = asked.mock.calls.map(([text]) => String(text));
  asked.mockRestore();
  return texts;
}

const steer = (runId: string, verb: 'pause' | 'resume') =>
  rig.transaction((client) => steerRun(client, runId, { verb, by: ANA }));

async function rates(runId: string): Promise<(number | null)[]> {
  const series = await readRunSeries(rig.pool, runId);
  return (series?.points ?? []).map(({ rowsPerSecond: rate }) => (rate === null ? null : Math.round(rate)));
}

describe('the samples of an item', () => {
  it('are a second apart, and its last figures are kept at its end', async () => {
    const { itemId } = await begun();
    for (let index = 0; index < 20; index += 1) await applied(itemId, 10);
    expect(await samples()).toEqual([{ rows: 0, errors: 0, begins: true }]);
    await earlier(1);
    for (let index = 0; index < 20; index += 1) await applied(itemId, 10);
    expect(await samples()).toMatchObject([{ rows: 0 }, { rows: 210 }]);
    await rig.store.recordErrors(itemId, 'w1', [ERROR]);
    await rig.store.finishItem(itemId, 'w1', { outcome: 'succeeded_with_leftovers' });
    expect((await samples()).at(-1)).toEqual({ rows: 400, errors: 1, begins: false });
  });

  it('cost no statement when none is due', async () => {
    const { itemId } = await begun();
    const asked = await statementsOf(() => applied(itemId, 10));
    expect(asked.filter((text) => text.includes('run_samples'))).toEqual([expect.stringContaining('FOR UPDATE')]);
    await earlier(1);
    const askedWhenDue = await statementsOf(() => applied(itemId, 10));
    expect(askedWhenDue).toHaveLength(asked.length + 1);
  });

  it('count the errors of a chunk that ends', async () => {
    const { itemId } = await begun();
    await rig.store.addChunks(itemId, 'w1', [{ seq: 0, tableId: 1, fromKey: null, toKey: null }]);
    const chunk = await rig.store.claimChunk('w1', [itemId]);
    await earlier(1);
    await rig.store.finishChunk(chunk?.chunkId ?? '', 'w1', { counters: { rowsApplied: 9 }, errors: [ERROR] });
    expect((await samples()).at(-1)).toEqual({ rows: 9, errors: 1, begins: false });
  });

  it('tell what was read where a run compares, and nothing of a preview', async () => {
    const { itemId } = await begun({ mode: 'verify' });
    await rig.store.progress(itemId, 'w1', { add: { rowsRead: 50, rowsApplied: 3 } });
    await rig.store.finishItem(itemId, 'w1', { outcome: 'succeeded' });
    expect((await samples()).at(-1)).toMatchObject({ rows: 50 });
    await rig.emptied();
    const preview = await begun({ isPreview: true });
    await rig.store.progress(preview.itemId, 'w1', { add: { rowsRead: 50 } });
    await rig.store.finishItem(preview.itemId, 'w1', { outcome: 'succeeded' });
    expect(await samples()).toEqual([]);
    expect(await readRunSeries(rig.pool, preview.runId)).toBeNull();
  });

  it('are taken when the phase changes, too', async () => {
    const { itemId } = await begun();
    await rig.store.progress(itemId, 'w1', { phase: 'reading', add: { rowsApplied: 10 } });
    await rig.store.progress(itemId, 'w1', { phase: 'applying', add: { rowsApplied: 10 } });
    expect(await samples()).toMatchObject([{ rows: 0, begins: true }, { rows: 20 }]);
  });

  it('are gone with their run', async () => {
    const { itemId, runId } = await begun();
    await rig.store.finishItem(itemId, 'w1', { outcome: 'succeeded' });
    await rig.sql('DELETE FROM sync.runs WHERE id = $1', [runId]);
    expect(await samples()).toEqual([]);
  });
});

describe('how fast a run went', () => {
  it('is not known before it has begun', async () => {
    const series = await readRunSeries(rig.pool, await rig.start());
    expect(series).toMatchObject({ points: [] });
    expect(await readRunSeries(rig.pool, '999999')).toBeNull();
  });

  it('has a gap for a pause, with all rows before and after it', async () => {
    const { itemId, runId } = await begun();
    await earlier(2);
    await applied(itemId, 200);
    await steer(runId, 'pause');
    await applied(itemId, 10);
    await rig.store.pauseItem(itemId, 'w1');
    expect((await samples()).at(-1)).toMatchObject({ rows: 210 });
    await earlier(60);
    await steer(runId, 'resume');
    await rig.store.claimItems('w2', ['orders']);
    await earlier(2);
    await applied(itemId, 100, 'w2');
    await rig.store.finishItem(itemId, 'w2', { outcome: 'succeeded' });
    const series = await rates(runId);
    expect(series.length).toBeGreaterThan(60);
    expect(series.slice(4, -5).every((rate) => rate === null)).toBe(true);
    expect(series.filter((rate) => rate !== null).length).toBeLessThanOrEqual(6);
    expect(Math.max(...series.map((rate) => rate ?? 0))).toBeGreaterThan(90);
  });

  it('keeps what a worker did before it fell silent apart from what the next one does', async () => {
    const { itemId, runId } = await begun();
    await earlier(1);
    await applied(itemId, 100);
    await applied(itemId, 100); // not sampled: a moment later
    await earlier(30);
    await rig.silence(itemId);
    await rig.store.claimItems('w2', ['orders']);
    expect(await samples()).toMatchObject([{ rows: 0 }, { rows: 100 }, { rows: 200 }, { rows: 200, begins: true }]);
    const series = await rates(runId);
    expect(series.slice(3).every((rate) => rate === null)).toBe(true);
  });
});

describe('the phases of a run', () => {
  interface Worked {
    readonly phase: string;
    readonly seconds: number;
  }

  async function worked(runId: string): Promise<Worked[]> {
    const series = await readRunSeries(rig.pool, runId);
    return (series?.spans ?? []).map(({ phase, from, to }) => {
      return { phase, seconds: Math.round((Date.parse(to) - Date.parse(from)) / 1000) };
    });
  }

  async function phases(runId: string): Promise<(string | null)[]> {
    const series = await readRunSeries(rig.pool, runId);
    const all = (series?.points ?? []).map(({ phase }) => phase);
    return all.filter((phase, index) => phase !== all[index - 1]);
  }

  it('are known with their lengths, the last one up to now, and a pause is in none', async () => {
    const { itemId, runId } = await begun();
    await earlier(5);
    await rig.store.progress(itemId, 'w1', { phase: 'applying' });
    await earlier(10);
    await steer(runId, 'pause');
    await rig.store.pauseItem(itemId, 'w1');
    await earlier(60);
    const paused = [
      { phase: 'reading', seconds: 5 },
      { phase: 'applying', seconds: 10 },
    ];
    expect(await worked(runId)).toEqual(paused);
    await steer(runId, 'resume');
    await rig.store.claimItems('w2', ['orders']);
    await earlier(20);
    expect(await worked(runId)).toEqual([...paused, { phase: 'applying', seconds: 20 }]);
    await rig.store.progress(itemId, 'w2', { phase: 'verifying' });
    await earlier(3);
    await rig.store.finishItem(itemId, 'w2', { outcome: 'succeeded' });
    expect(await phases(runId)).toEqual(['reading', 'applying', null, 'applying', 'verifying']);
    await earlier(100);
    const all = [...paused, { phase: 'applying', seconds: 20 }, { phase: 'verifying', seconds: 3 }];
    expect(await worked(runId)).toEqual(all);
  });

  it.each([
    [{ mode: 'full' }, 'reading'],
    [{ mode: 'incremental' }, 'reading'],
    [{ mode: 'verify' }, 'comparing'],
    [{ mode: 'repair' }, 'comparing'],
    [{ mode: 'full', isPreview: true }, 'planning'],
  ] as const)('begin, of %j, with %s', async (run, phase) => {
    const [item] = await rig.start(run).then(() => rig.store.claimItems('w1', ['orders']));
    expect(item?.phase).toBe(phase);
  });

  it('end with the last that was heard of a worker that fell silent', async () => {
    const { itemId, runId } = await begun();
    await earlier(5);
    await applied(itemId, 10);
    await earlier(30);
    expect(await worked(runId)).toEqual([{ phase: 'reading', seconds: 35 }]);
    await rig.silence(itemId);
    expect(await worked(runId)).toEqual([{ phase: 'reading', seconds: 5 }]);
    await rig.store.claimItems('w2', ['orders']);
    await earlier(2);
    expect(await worked(runId)).toEqual([
      { phase: 'reading', seconds: 5 },
      { phase: 'reading', seconds: 2 },
    ]);
  });

  it('are not told of a time in which they were not kept', async () => {
    const { itemId, runId } = await begun();
    await rig.store.finishItem(itemId, 'w1', { outcome: 'succeeded' });
    await rig.sql('UPDATE sync.run_samples SET phase = NULL');
    expect(await readRunSeries(rig.pool, runId)).toMatchObject({ points: [{ phase: null }], spans: [] });
  });
});
