import { RUN_LOG_MAX_ENTRIES } from '@astro/contracts';
import { steerRun } from './run-desk.js';
import { readRunLog } from './run-log.js';
import { ANA, RunsRig } from './runs.fixture.js';

let rig: RunsRig;
beforeAll(async () => {
  rig = await RunsRig.create();
});
afterEach(() => rig.emptied());
afterAll(() => rig.destroy());

async function told(runId: string): Promise<(string | null)[][]> {
  const log = await readRunLog(rig.pool, runId);
  return (log?.items ?? []).map(({ kind, dataSet, text }) => [kind, dataSet, text]);
}

it('tells when workers began, went on, and how it ended, newest first', async () => {
  const runId = await rig.start();
  const [item] = await rig.store.claimItems('w1', ['orders']);
  const itemId = item?.itemId ?? '';
  await rig.silence(itemId);
  await rig.store.claimItems('w2', ['orders']);
  await rig.store.finishItem(itemId, 'w2', { outcome: 'failed', message: 'No room.' });
  expect(await told(runId)).toEqual([
    ['end', null, 'Ended: failed. No room.'],
    ['data_set_end', 'orders', 'Ended: failed. No room.'],
    ['go_on', 'orders', 'A worker took the work up again.'],
    ['begin', 'orders', 'A worker began.'],
    ['start', null, 'Asked for a full copy of orders.'],
  ]);
});

it('tells nothing of what is no run, and nothing of another run', async () => {
  const runId = await rig.start();
  const other = await rig.start({ dataSets: ['launches'] });
  await rig.transaction((client) => steerRun(client, other, { verb: 'cancel', by: ANA }));
  expect(await told(runId)).toEqual([['start', null, 'Asked for a full copy of orders.']]);
  const preview = await rig.start({ isPreview: true });
  expect(await readRunLog(rig.pool, preview)).toBeNull();
  expect(await readRunLog(rig.pool, '999999')).toBeNull();
});

it('says so when there is more than it tells', async () => {
  const runId = await rig.start();
  await rig.store.claimItems('w1', ['orders']);
  const most = async () => (await readRunLog(rig.pool, runId))?.isCut;
  const more = (count: number) =>
    rig.sql(
      `INSERT INTO sync.run_samples (item_id, at, rows_done, errors, begins)
       SELECT id, clock_timestamp() + make_interval(secs => n), 0, 0, true
       FROM sync.run_items, generate_series(1, $1::int) n WHERE run_id = $2 ON CONFLICT DO NOTHING`,
      [count, runId],
    );
  await more(RUN_LOG_MAX_ENTRIES - 2);
  expect(await most()).toBe(false);
  await more(1);
  expect(await most()).toBe(true);
  expect((await readRunLog(rig.pool, runId))?.items).toHaveLength(RUN_LOG_MAX_ENTRIES);
});
