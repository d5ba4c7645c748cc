import { tidyRuns } from './retention.js';
import { retryRun } from './retry.js';
import { ANA, RunsRig } from './runs.fixture.js';

let rig: RunsRig;
beforeAll(async () => {
  rig = await RunsRig.create();
});
afterEach(() => rig.emptied());
afterAll(() => rig.destroy());

const ERROR = { kind: 'failed' as const, entityType: 'public.orders', entityId: '7', field: null, code: '23502' };
const NOTHING = { previews: 0, errors: 0, chunks: 0 };

const aged = (runId: string, ago: string) =>
  rig.sql(
    `UPDATE sync.runs SET created_at = now() - $2::interval,
       finished_at = CASE WHEN finished_at IS NOT NULL THEN now() - $2::interval END WHERE id = $1`,
    [runId, ago],
  );
const count = async (table: string) => (await rig.sql(`SELECT 1 FROM sync.${table}`)).length;

async function begun(run: Parameters<RunsRig['start']>[0] = {}) {
  const runId = await rig.start(run);
  const [item] = await rig.store.claimItems('w1', ['orders']);
  return { runId, itemId: item?.itemId ?? '' };
}

/** A run that ended with one listed row and one chunk. */
async function ended() {
  const { runId, itemId } = await begun();
  await rig.store.recordErrors(itemId, 'w1', [{ ...ERROR, message: 'No.', advice: 'Fix the row.' }]);
  await rig.store.addChunks(itemId, 'w1', [{ seq: 0, tableId: 1, fromKey: null, toKey: null }]);
  await rig.store.finishItem(itemId, 'w1', { outcome: 'succeeded_with_leftovers' });
  return { runId, itemId };
}

it('deletes previews after a day with all that belongs to them', async () => {
  const { runId, itemId } = await begun({ isPreview: true });
  await rig.store.addChunks(itemId, 'w1', [{ seq: 0, tableId: 1, fromKey: null, toKey: null }]);
  await rig.store.finishItem(itemId, 'w1', { outcome: 'succeeded' });
  await aged(runId, '23 hours');
  expect(await tidyRuns(rig.pool)).toEqual(NOTHING);
  await aged(runId, '25 hours');
  expect(await tidyRuns(rig.pool)).toEqual({ ...NOTHING, previews: 1 });
  expect([await count('runs'), await count('run_items'), await count('run_chunks')]).toEqual([0, 0, 0]);
});

it('keeps the preview that a run was started from', async () => {
  const { runId, itemId } = await begun({ isPreview: true });
  await rig.store.finishItem(itemId, 'w1', { outcome: 'succeeded' });
  await rig.start({ previewId: runId });
  await aged(runId, '40 days');
  expect(await tidyRuns(rig.pool)).toEqual(NOTHING);
  expect(await count('runs')).toBe(2);
});

it('deletes a preview that nobody counts any more, and none that a worker is counting', async () => {
  const { runId, itemId } = await begun({ isPreview: true });
  await aged(runId, '2 days');
  expect(await tidyRuns(rig.pool)).toEqual(NOTHING);
  await rig.silence(itemId);
  expect(await tidyRuns(rig.pool)).toEqual({ ...NOTHING, previews: 1 });
});

it('deletes rows and chunks 30 days after a run has ended, and keeps the run with its figures', async () => {
  const { runId } = await ended();
  await aged(runId, '29 days');
  expect(await tidyRuns(rig.pool)).toEqual(NOTHING);
  await aged(runId, '31 days');
  expect(await tidyRuns(rig.pool)).toEqual({ previews: 0, errors: 1, chunks: 1 });
  expect([await count('runs'), await count('run_error_groups')]).toEqual([1, 1]);
});

it('keeps what belongs to a run that has not ended, however old', async () => {
  const { runId, itemId } = await begun();
  await rig.store.recordErrors(itemId, 'w1', [{ ...ERROR, message: 'No.', advice: 'Fix the row.' }]);
  await aged(runId, '90 days');
  expect(await tidyRuns(rig.pool)).toEqual(NOTHING);
});

it('leaves a run whose rows are gone to be tried again as a whole', async () => {
  const { runId } = await ended();
  await aged(runId, '31 days');
  await tidyRuns(rig.pool);
  await rig.transaction((client) => retryRun(client, runId, ANA));
  expect((await rig.store.claimItems('w1', ['orders']))[0]?.scope).toEqual({});
});
