import { nextTimes } from './schedule-times.js';
import { fireDue, pauseSchedule, readSchedules, registerSchedules, type DeclaredSchedule } from './schedules.js';
import { ANA, RunsRig } from './runs.fixture.js';

const MADRID = { timeZone: 'Europe/Madrid' };

describe('the next times', () => {
  it.each([
    [
      'are one a day in winter and summer',
      '30 2 * * *',
      '2026-03-27T12:00Z',
      ['03-28T01:30', '03-29T01:30', '03-30T00:30'],
    ],
    [
      'are not doubled when clocks go back',
      '30 2 * * *',
      '2026-10-24T12:00Z',
      ['10-25T00:30', '10-26T01:30', '10-27T01:30'],
    ],
    ['are kept behind the gap', '0 2 * * *', '2026-03-28T12:00Z', ['03-29T01:00', '03-30T00:00', '03-31T00:00']],
    ['go on through the doubled hour', '0 * * * *', '2026-10-24T23:30Z', ['10-25T00:00', '10-25T01:00', '10-25T02:00']],
    ['are strictly later', '0 6 * * *', '2026-06-01T04:00Z', ['06-02T04:00', '06-03T04:00', '06-04T04:00']],
  ])('%s: %s', (_name, cron, after, expected) => {
    const times = nextTimes({ cron, ...MADRID }, new Date(after), 3).map((time) => time.toISOString());
    expect(times).toEqual(expected.map((time) => `2026-${time}:00.000Z`));
  });
});

describe('schedules', () => {
  let rig: RunsRig;
  beforeAll(async () => {
    rig = await RunsRig.create();
  });
  afterEach(() => rig.emptied());
  afterAll(() => rig.destroy());

  const FINANCE: DeclaredSchedule = { dataSet: 'finance', cron: '*/5 * * * *', timeZone: 'UTC' };
  const register = (...declared: DeclaredSchedule[]) =>
    rig.transaction((client) => registerSchedules(client, declared));
  const missed = (ago: string) =>
    rig.sql(`UPDATE sync.schedules SET next_at = date_trunc('hour', now() - $1::interval)`, [ago]);
  const stored = async () => (await readSchedules(rig.pool, 'finance'))[0];

  it('start nothing before their time', async () => {
    await register(FINANCE);
    expect(await fireDue(rig.pool)).toEqual([]);
    expect((await stored())?.nextAt.getTime()).toBeGreaterThan(Date.now());
  });

  it('start one incremental run when due, however many workers ask, and write down who did it', async () => {
    await register(FINANCE);
    await rig.sql('UPDATE sync.schedules SET next_at = now()');
    const firings = (await Promise.all([1, 2, 3, 4].map(() => fireDue(rig.pool)))).flat();
    expect(firings).toMatchObject([{ kind: 'started', dataSet: 'finance', isCatchUp: false }]);
    const runs = await rig.sql('SELECT mode, data_sets, initiator FROM sync.runs');
    const initiator = { kind: 'schedule', id: 'finance', name: 'schedule of finance' };
    expect(runs).toEqual([{ mode: 'incremental', data_sets: ['finance'], initiator }]);
    const log = await rig.sql(`SELECT action, initiator_kind FROM public.entry_log WHERE initiator_id = 'finance'`);
    expect(log).toEqual([{ action: 'run.start', initiator_kind: 'schedule' }]);
    expect(await stored()).toMatchObject({ lastRunState: 'queued', lastRunFinishedAt: null });
  });

  it('catch up with one run when times were missed, and go on from now', async () => {
    await register(FINANCE);
    await missed('3 hours');
    await register(FINANCE); // a worker starts again
    expect(await fireDue(rig.pool)).toMatchObject([{ kind: 'started', isCatchUp: true }]);
    expect(await fireDue(rig.pool)).toEqual([]);
    expect((await stored())?.nextAt.getTime()).toBeGreaterThan(Date.now());
  });

  it('are skipped while a run of the data set is going, and say so', async () => {
    await register(FINANCE);
    const runId = await rig.start({ dataSets: ['finance'], mode: 'verify' });
    await missed('1 hour');
    const reason = `Run ${runId} of the data set had not ended (queued).`;
    expect(await fireDue(rig.pool)).toMatchObject([{ kind: 'skipped', reason }]);
    expect(await fireDue(rig.pool)).toEqual([]);
    expect(await stored()).toMatchObject({ skippedReason: reason, lastRunId: null });
    expect(await rig.sql('SELECT 1 FROM sync.runs')).toHaveLength(1);
  });

  it('of other data sets start when one fails, which is tried again', async () => {
    const names = ['broken', 'finance', 'stock'];
    await register(...names.map((dataSet) => ({ ...FINANCE, dataSet })));
    await rig.sql(`UPDATE sync.schedules SET next_at = now() - (data_set = 'broken')::int * interval '1 second'`);
    await rig.sql(`UPDATE sync.schedules SET cron = 'no time' WHERE data_set = 'broken'`);
    const firings = await fireDue(rig.pool);
    expect(Object.fromEntries(firings.map(({ dataSet, kind }) => [dataSet, kind]))).toEqual({
      ...{ broken: 'failed', finance: 'started', stock: 'started' },
    });
    expect(firings).toContainEqual(expect.objectContaining({ kind: 'failed', error: expect.any(Error) }));
    await rig.sql(`UPDATE sync.schedules SET cron = '*/5 * * * *' WHERE data_set = 'broken'`);
    expect(await fireDue(rig.pool)).toMatchObject([{ dataSet: 'broken', kind: 'started' }]);
  });

  it('do not make up what passed while they were paused', async () => {
    await register(FINANCE);
    const pause = (by: { by: typeof ANA; reason: string } | null) =>
      rig.transaction((client) => pauseSchedule(client, 'finance', by));
    expect(await pause({ by: ANA, reason: 'month end' })).toEqual({ changed: true });
    expect(await pause({ by: { ...ANA, name: 'bruno' }, reason: 'again' })).toEqual({ changed: false });
    expect(await stored()).toMatchObject({ pausedBy: ANA, pausedReason: 'month end' });
    await missed('3 hours');
    expect(await fireDue(rig.pool)).toEqual([]);
    expect(await pause(null)).toEqual({ changed: true });
    expect(await fireDue(rig.pool)).toEqual([]);
    expect(await pauseStateOf('finance')).toEqual({ paused_at: null, paused_reason: null });
    expect(await rig.transaction((client) => pauseSchedule(client, 'nothing', null))).toBeNull();
  });

  it('follow the catalogue: changed ones count from now, those that are gone rest', async () => {
    await register(FINANCE);
    await missed('3 hours');
    await register({ ...FINANCE, cron: '0 6 * * *' });
    expect(await fireDue(rig.pool)).toEqual([]);
    expect(await stored()).toMatchObject({ cron: '0 6 * * *' });
    await register();
    await missed('3 hours');
    expect(await fireDue(rig.pool)).toEqual([]);
    expect(await readSchedules(rig.pool)).toEqual([]);
    await register(FINANCE);
    expect(await fireDue(rig.pool)).toEqual([]); // nothing is made up of the time when it was gone
  });

  async function pauseStateOf(dataSet: string) {
    return (await rig.sql('SELECT paused_at, paused_reason FROM sync.schedules WHERE data_set = $1', [dataSet]))[0];
  }
});
