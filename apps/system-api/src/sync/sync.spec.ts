import { randomUUID } from 'node:crypto';
import { type Pool } from 'pg';
import {
  type Preview,
  type Problem,
  type Run,
  type RunErrorPage,
  type RunPage,
  type RunLog,
  type RunSeries,
  type ScheduleList,
} from '@astro/contracts';
import { RunStore, registerDataSets, registerSchedules, type ClaimedItem, type PreviewFigures } from '@astro/runs';
import { createLogger, createPool, postgresConfig } from '@astro/runtime';
import { waitFor } from '@astro/testing';
import { Person, apiKeyWith, startTestApi, type Answer, type TestApi } from '../testing/api.fixture.js';

let site: TestApi;
let pool: Pool;
let store: RunStore;
let ana: Person;
let bruno: Person;
let viewer: Person;

const column = (name: string, type: string) => ({ name, type });
const ORDERS = {
  name: 'public.orders',
  keyColumns: ['id'],
  columns: [
    column('id', 'integer'),
    column('placed_at', 'timestamp with time zone'),
    column('extra', 'json'),
    column('mood', 'public.mood'),
  ],
};
const SEATS = {
  name: 'public.seats',
  keyColumns: ['launch_id', 'place'],
  columns: [column('launch_id', 'integer'), column('place', 'text')],
};
const DATA_SETS = [
  { name: 'orders', tables: [ORDERS] },
  { name: 'seats', tables: [SEATS] },
  { name: 'finance', tables: [ORDERS, SEATS], mode: 'scheduled' as const },
];

beforeAll(async () => {
  site = await startTestApi();
  pool = createPool(
    postgresConfig(site.database.url, { applicationName: 'spec' }),
    createLogger('spec', { level: 'silent' }),
  );
  store = new RunStore(pool);
  const client = await pool.connect();
  const rest = { kind: 'flat', source: 'operations', target: 'cache', mode: 'realtime' } as const;
  await registerDataSets(
    client,
    DATA_SETS.map((dataSet) => ({ ...rest, ...dataSet })),
  );
  await registerSchedules(client, [{ dataSet: 'finance', cron: '0 6 * * *', timeZone: 'Europe/Madrid' }]);
  client.release();
  ana = await Person.withRole(site.api.url, 'operator');
  bruno = await Person.withRole(site.api.url, 'admin');
  viewer = await Person.withRole(site.api.url, 'viewer');
});
afterEach(async () => {
  await site.sql(
    'UPDATE sync.schedules SET last_run_id = NULL, paused_at = NULL, paused_by = NULL, paused_reason = NULL',
  );
  await site.sql('TRUNCATE sync.runs CASCADE');
  await site.sql(`DELETE FROM sync.schedules`);
  const client = await pool.connect();
  await registerSchedules(client, [{ dataSet: 'finance', cron: '0 6 * * *', timeZone: 'Europe/Madrid' }]);
  client.release();
});
afterAll(async () => {
  await pool.end();
  await site.close();
});

const keyed = (key: string = randomUUID()) => ({ 'idempotency-key': key });
const start = (body: object, person = ana, key?: string) => person.post('/api/v1/runs', body, keyed(key));
const act = (id: string, verb: string, person = ana) => person.post(`/api/v1/runs/${id}/${verb}`, undefined, keyed());
const problem = ({ body }: Answer) => body as Problem;
const run = ({ body }: Answer) => body as Run;

async function started(body: object): Promise<Run> {
  const answer = await start(body);
  if (answer.status !== 201) throw new Error(`not started: ${answer.text}`);
  return run(answer);
}

async function claim({ isPreview = false } = {}): Promise<ClaimedItem> {
  const look = async () => {
    const items = await store.claimItems('w1', ['orders', 'seats', 'finance']);
    return items.find((item) => item.isPreview === isPreview);
  };
  return waitFor(look, { what: 'an item' });
}

/** A preview as a worker has completed it. */
async function planned(figures: Partial<PreviewFigures>, body: object): Promise<Preview> {
  const asking = ana.post('/api/v1/runs/preview', body, keyed());
  const { itemId } = await claim({ isPreview: true });
  const all = { rows: 1000, inserts: 0, changes: 0, removals: 0, same: 1000, targetRows: 1000, rateRowsPerS: 500 };
  await store.recordPreview(itemId, 'w1', { ...all, ...figures });
  await store.finishItem(itemId, 'w1', { outcome: 'succeeded' });
  const { status, body: preview } = await asking;
  expect(status).toBe(202);
  return preview as Preview;
}

function page0({ items }: RunPage): RunPage['items'][number] {
  if (!items[0]) throw new Error('the page is empty');
  return items[0];
}

async function lastEntry(): Promise<Record<string, unknown>> {
  const [entry] = await site.sql('SELECT * FROM public.entry_log ORDER BY id DESC LIMIT 1');
  return entry ?? {};
}

const FULL = { datasets: ['orders'], mode: 'full' };

describe('starting a run', () => {
  it('answers with the run and where it is, and writes who did it', async () => {
    const answer = await start({ ...FULL, options: { rateLimitRowsPerS: 100 }, reason: ' end of month ' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/api/v1/runs/${run(answer).id}`);
    expect(run(answer)).toMatchObject({
      ...{ mode: 'full', dataSets: ['orders'], state: 'queued', rateLimitRowsPerS: 100 },
      initiator: { kind: 'user', name: expect.stringContaining('@') },
      items: [{ dataSet: 'orders', state: 'waiting', progress: { percent: null, eta: { reason: 'waiting' } } }],
      allowed: { pause: { ok: false }, cancel: { ok: true } },
    });
    expect(await lastEntry()).toMatchObject({
      ...{ action: 'run.start', result: 'succeeded', initiator_name: run(answer).initiator.name },
      entity_id: run(answer).id,
      details: { runId: run(answer).id, dataSets: ['orders'], mode: 'full', reason: 'end of month' },
    });
  });

  it('takes every data set', async () => {
    expect((await started({ datasets: 'all', mode: 'verify' })).dataSets).toEqual(['finance', 'orders', 'seats']);
  });

  it('is refused to the second of two people, naming the run of the first, and written down', async () => {
    const answers = await Promise.all([start(FULL), start(FULL, bruno), start({ ...FULL, datasets: 'all' }, bruno)]);
    const winner = answers.find(({ status }) => status === 201);
    const losers = answers.filter(({ status }) => status === 409);
    expect(losers).toHaveLength(2);
    for (const loser of losers) {
      expect(problem(loser)).toMatchObject({ code: 'DATA_SET_BUSY' });
      expect(problem(loser).detail).toContain(`run ${winner ? run(winner).id : '?'}`);
    }
    expect(await lastEntry()).toMatchObject({
      action: 'run.start',
      result: 'refused',
      details: { code: 'DATA_SET_BUSY' },
    });
  });

  it('queues behind the run that is in the way when asked to', async () => {
    const first = await started(FULL);
    const second = await started({ ...FULL, whenBusy: 'queue' });
    expect(second).toMatchObject({ state: 'queued', queuedBehind: first.id });
    expect(await claim()).toMatchObject({ runId: first.id });
    expect(await store.claimItems('w2', ['orders'])).toEqual([]);
  });

  it('with the same key twice is one run; the key with another body is refused', async () => {
    const key = randomUUID();
    const [first, second] = await Promise.all([start(FULL, ana, key), start(FULL, ana, key)]);
    const again = await start(FULL, ana, key);
    const ids = [first, second, again].filter(({ status }) => status === 201).map((answer) => run(answer).id);
    expect(new Set(ids).size).toBe(1);
    expect([again.status, again.headers.get('location')]).toEqual([201, `/api/v1/runs/${run(again).id}`]);
    expect(await site.sql('SELECT count(*)::int AS n FROM sync.runs')).toEqual([{ n: 1 }]);
    const other = await start({ ...FULL, mode: 'verify' }, ana, key);
    expect([other.status, problem(other).code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect((await ana.post('/api/v1/runs', FULL)).status).toBe(400);
  });

  it('is refused when its body is nested without end', async () => {
    const body = `{"datasets":["orders"],"mode":"full","options":${'['.repeat(40_000)}${']'.repeat(40_000)}}`;
    const headers = { authorization: `Bearer ${ana.accessToken}`, 'content-type': 'application/json', ...keyed() };
    expect((await fetch(`${site.api.url}/api/v1/runs`, { method: 'POST', body, headers })).status).toBe(400);
  });

  it.each([
    ['keys', { keys: ['1', '\ud83d'] }, '/options/keys/1'],
    ['a filter', { filter: [{ column: 'mood', operator: 'eq', value: '\ude80' }] }, '/options/filter/0/value'],
  ])('is refused when half a character stands in %s', async (_name, options, pointer) => {
    const answer = await start({ ...FULL, options });
    expect(problem(answer)).toMatchObject({ status: 422, code: 'INVALID_SCOPE', errors: [{ pointer }] });
  });

  describe('whose answer is lost after it was started', () => {
    afterEach(async () => {
      await site.sql('DROP TRIGGER IF EXISTS unreadable ON sync.runs');
      await site.sql('DROP FUNCTION IF EXISTS unreadable()');
    });

    it('is not started again by a repeat of its request', async () => {
      await site.sql(`CREATE FUNCTION unreadable() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.initiator := '{}'; RETURN NEW; END $$`);
      await site.sql('CREATE TRIGGER unreadable BEFORE INSERT ON sync.runs FOR EACH ROW EXECUTE FUNCTION unreadable()');
      const key = randomUUID();
      expect((await start(FULL, ana, key)).status).toBe(500);
      await site.sql('DROP TRIGGER unreadable ON sync.runs');
      const [{ id } = { id: '' }] = await site.sql<{ id: string }>(
        `UPDATE sync.runs SET initiator = '{"kind":"user","id":"1","name":"ana"}' RETURNING id`,
      );
      const again = await start(FULL, ana, key);
      expect([again.status, run(again).id]).toEqual([201, id]);
      expect(again.headers.get('location')).toBe(`/api/v1/runs/${id}`);
    });

    it.each<[string, string, object | undefined]>([
      ['a run', '/api/v1/runs', FULL],
      ['a preview', '/api/v1/runs/preview', FULL],
      ['a run of a schedule', '/api/v1/schedules/finance/run', undefined],
    ])('is not started again after its server crashed: %s', async (_name, path, body) => {
      const headers = keyed();
      const first = await ana.post(path, body, headers);
      const died = `UPDATE access.idempotency_keys
        SET status = NULL, answer = NULL, created_at = now() - interval '11 minutes' WHERE key = $1`;
      await site.sql(died, [headers['idempotency-key']]);
      const again = await ana.post(path, body, headers);
      expect([again.status, run(again).id]).toEqual([first.status, run(first).id]);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect(await site.sql('SELECT count(*)::int AS n FROM sync.runs')).toEqual([{ n: 1 }]);
    });
  });

  it('is for operators and keys with the scope sync', async () => {
    expect((await start(FULL, viewer)).status).toBe(403);
    const program = new Person(site.api.url);
    const withKey = async (scope: 'read' | 'sync') => ({ 'x-api-key': await apiKeyWith(bruno, scope), ...keyed() });
    expect((await program.post('/api/v1/runs', FULL, await withKey('read'))).status).toBe(403);
    const answer = await program.post('/api/v1/runs', FULL, await withKey('sync'));
    expect(run(answer).initiator).toMatchObject({ kind: 'api_key', name: 'key for sync' });
  });

  const keys = (datasets: string[], given: string[], more: object = {}) => ({
    datasets,
    mode: 'full',
    options: { keys: given, ...more },
  });
  const filter = (...conditions: object[]) => ({
    datasets: ['orders'],
    mode: 'verify',
    options: { filter: conditions },
  });
  const where = (name: string, operator: string, value?: unknown) => ({ column: name, operator, value });
  it.each<[string, object, string, string]>([
    ['an unknown data set', { datasets: ['orders', 'order'], mode: 'full' }, 'UNKNOWN_DATA_SET', '/datasets/1'],
    ['a data set named twice', { datasets: ['orders', 'orders'], mode: 'full' }, 'UNKNOWN_DATA_SET', '/datasets/1'],
    [
      'keys of an incremental run',
      { ...keys(['orders'], ['1']), mode: 'incremental' },
      'INVALID_SCOPE',
      '/options/keys',
    ],
    ['keys of two data sets', keys(['orders', 'seats'], ['1']), 'INVALID_SCOPE', '/options/keys'],
    ['keys that are no values', keys(['orders'], ['1', 'x', '2']), 'INVALID_SCOPE', '/options/keys/1'],
    ['a key that lacks a column', keys(['seats'], ['["1"]']), 'INVALID_SCOPE', '/options/keys/0'],
    ['a key with a bad part', keys(['seats'], ['["1","A"]', '["x","A"]']), 'INVALID_SCOPE', '/options/keys/1'],
    ['keys that could be of two tables', keys(['finance'], ['1']), 'INVALID_SCOPE', '/options/table'],
    [
      'a table of another data set',
      keys(['orders'], ['1'], { table: 'public.users' }),
      'INVALID_SCOPE',
      '/options/table',
    ],
    ['a table alone', { ...FULL, options: { table: 'public.orders' } }, 'INVALID_SCOPE', '/options/table'],
    [
      'keys and a filter',
      keys(['orders'], ['1'], { filter: [where('id', 'eq', 1)] }),
      'INVALID_SCOPE',
      '/options/keys',
    ],
    [
      'an unknown column',
      filter(where('id', 'eq', 1), where('id) --', 'eq', 1)),
      'INVALID_SCOPE',
      '/options/filter/1/column',
    ],
    ['a value of another type', filter(where('placed_at', 'ge', 'soon')), 'INVALID_SCOPE', '/options/filter/0/value'],
    ['a list for one value', filter(where('id', 'eq', [1, 2])), 'INVALID_SCOPE', '/options/filter/0/value'],
    ['a bad value in a list', filter(where('id', 'in', [1, 'x'])), 'INVALID_SCOPE', '/options/filter/0/value'],
    ['a value for is_null', filter(where('id', 'is_null', 1)), 'INVALID_SCOPE', '/options/filter/0/value'],
    [
      'a comparison that the type lacks',
      filter(where('extra', 'lt', '{}')),
      'INVALID_SCOPE',
      '/options/filter/0/operator',
    ],
  ])('refuses %s', async (_name, body, code, pointer) => {
    const answer = await start(body);
    expect(answer.status).toBe(422);
    expect(problem(answer)).toMatchObject({ code, errors: [{ pointer, detail: expect.any(String) }] });
    expect(await site.sql('SELECT 1 FROM sync.runs')).toEqual([]);
  });

  it.each<[string, object]>([
    ['keys', keys(['orders'], ['1', '22'])],
    ['keys of several columns', keys(['seats'], ['["1","A4"]'])],
    ['keys of a table', keys(['finance'], ['1'], { table: 'public.orders' })],
    [
      'a filter',
      filter(where('placed_at', 'ge', '2026-01-01'), where('id', 'in', [1, '2']), where('extra', 'is_null')),
    ],
    ['a filter on a type that only the source has', filter(where('mood', 'eq', 'happy'))],
  ])('hands %s to the worker', async (_name, body) => {
    await started(body);
    const { scope } = await claim();
    expect(scope).toEqual((body as { options: object }).options);
  });

  it('says when no worker has registered anything', async () => {
    await site.sql('UPDATE sync.data_sets SET active = false');
    const answer = await start({ datasets: 'all', mode: 'full' });
    await site.sql('UPDATE sync.data_sets SET active = true');
    expect([answer.status, problem(answer).code]).toEqual([409, 'NO_DATA_SETS']);
  });
});

describe('previews', () => {
  it('tell what a run would do, for how long, and what is in the way', async () => {
    const first = await started({ datasets: ['orders'], mode: 'incremental' });
    const preview = await planned(
      { inserts: 5, changes: 3, removals: 2, same: 990 },
      { datasets: ['orders'], mode: 'full' },
    );
    expect(preview).toMatchObject({
      state: 'planned',
      items: [{ dataSet: 'orders', state: 'ready', rows: 1000, inserts: 5, changes: 3, removals: 2, same: 990 }],
      duration: { lowS: 1, highS: 3 },
      conflicts: [{ kind: 'run', runId: first.id, dataSet: 'orders' }],
      ...{ confirmation: null, usedBy: null },
    });
  });

  it('are not runs', async () => {
    const { id } = await planned({}, FULL);
    expect(await lastEntry()).toMatchObject({ action: 'run.preview', entity_id: id });
    expect((await ana.get(`/api/v1/runs/${id}`)).status).toBe(404);
    expect((await act(id, 'cancel')).status).toBe(404);
    expect(((await ana.get('/api/v1/runs')).body as RunPage).items).toEqual([]);
  });

  it('let a run remove much only with their confirmation, and only once', async () => {
    const preview = await planned({ removals: 51 }, FULL);
    expect(preview.confirmationReason).toContain('51 of the 1000 rows of "orders"');
    const withPreview = { ...FULL, previewId: preview.id };
    expect(problem(await start(withPreview))).toMatchObject({ status: 422, code: 'CONFIRMATION_NEEDED' });
    expect(problem(await start({ ...withPreview, confirmation: 'X' }))).toMatchObject({ code: 'CONFIRMATION_WRONG' });
    const confirmed = { ...withPreview, confirmation: preview.confirmation };
    const answer = await start(confirmed);
    expect(run(answer)).toMatchObject({ previewId: preview.id });
    expect(await lastEntry()).toMatchObject({ details: { planned: { removals: 51 } } });
    expect((await claim()).limits).toEqual({
      ...{ maxRemovalShare: 0.05, maxDeviationShare: 0.1 },
      expected: { orders: { rows: 1000, removals: 51 } },
    });
    const used = await start({ ...confirmed, whenBusy: 'queue' }, bruno);
    expect(problem(used)).toMatchObject({ status: 409, code: 'PREVIEW_USED' });
    expect(problem(used).detail).toContain(`Run ${run(answer).id}`);
  });

  it('ask for nothing when little is removed', async () => {
    expect((await planned({ removals: 50 }, FULL)).confirmation).toBeNull();
    expect((await planned({ removals: 10, targetRows: 12 }, FULL)).confirmation).toBeNull();
    expect((await planned({ removals: 11, targetRows: 12 }, FULL)).confirmation).not.toBeNull();
  });

  it('cannot be confirmed when stale, of another scope, unfinished, discarded or made up', async () => {
    const preview = await planned({}, FULL);
    const use = (id: string, body: object = FULL) => start({ ...body, previewId: id });
    expect(problem(await use(preview.id, { ...FULL, datasets: 'all' }))).toMatchObject({
      ...{ status: 412, code: 'PREVIEW_OF_ANOTHER_SCOPE' },
    });
    expect(problem(await use(preview.id, { ...FULL, mode: 'repair' }))).toMatchObject({ status: 412 });
    await site.sql(`UPDATE sync.runs SET finished_at = now() - interval '601 seconds' WHERE id = $1`, [preview.id]);
    const stale = problem(await use(preview.id));
    expect(stale).toMatchObject({ status: 412, code: 'PREVIEW_STALE' });
    expect(stale.detail).toContain('older than 10 minutes');
    expect((await ana.get(`/api/v1/runs/preview/${preview.id}`)).body).toMatchObject({
      state: 'expired',
      confirmation: null,
    });
    const slow = await ana.post('/api/v1/runs/preview', FULL, keyed());
    expect(slow.body).toMatchObject({ state: 'planning', items: [{ state: 'waiting', rows: null }] });
    const { id } = slow.body as Preview;
    expect(problem(await use(id))).toMatchObject({ status: 409, code: 'PREVIEW_NOT_READY' });
    expect((await ana.delete(`/api/v1/runs/preview/${id}`)).body).toMatchObject({ state: 'cancelled' });
    expect(problem(await use(id))).toMatchObject({ status: 409, code: 'PREVIEW_NOT_USABLE' });
    expect(problem(await use('999999'))).toMatchObject({ status: 422, code: 'NO_SUCH_PREVIEW' });
    expect(problem(await start({ ...FULL, confirmation: 'A' }))).toMatchObject({
      code: 'CONFIRMATION_WITHOUT_PREVIEW',
    });
  });
});

describe('watching and steering', () => {
  it('pauses, resumes, limits and cancels, each written down, each harmless when repeated', async () => {
    const { id } = await started(FULL);
    const { itemId } = await claim();
    expect(run(await act(id, 'pause')).state).toBe('pausing');
    expect((await act(id, 'pause')).status).toBe(200);
    await store.pauseItem(itemId, 'w1');
    expect(run(await act(id, 'resume', bruno)).state).toBe('running');
    const limited = await ana.patch(`/api/v1/runs/${id}`, { rateLimitRowsPerS: 250 });
    expect(run(limited).rateLimitRowsPerS).toBe(250);
    const cancelled = run(await act(id, 'cancel'));
    expect(cancelled).toMatchObject({ state: 'cancelling', stateReason: expect.stringContaining('Cancelled by') });
    expect(problem(await act(id, 'pause'))).toMatchObject({ status: 409, code: 'RUN_STATE' });
    const entries = await site.sql<{ action: string; result: string }>(
      `SELECT action, result FROM public.entry_log WHERE entity_type = 'run' AND entity_id = $1 ORDER BY id`,
      [id],
    );
    expect(entries.map(({ action, result }) => `${action} ${result}`)).toEqual([
      ...['run.start succeeded', 'run.pause succeeded', 'run.pause succeeded'],
      ...['run.resume succeeded', 'run.change succeeded'],
      ...['run.cancel succeeded', 'run.pause refused'],
    ]);
  });

  it('tells viewers everything, and that they may not steer', async () => {
    const { id } = await started(FULL);
    const seen = run(await viewer.get(`/api/v1/runs/${id}`));
    expect(seen.allowed.cancel).toEqual({ ok: false, reason: expect.stringContaining('viewer') });
    expect((await act(id, 'cancel', viewer)).status).toBe(403);
  });

  it('lists failing rows by cause and page by page, and tries only them again', async () => {
    const { id } = await started(FULL);
    const { itemId } = await claim();
    const rows = Array.from({ length: 5 }, (_, index) => ({
      ...{ kind: 'failed' as const, entityType: 'public.orders', entityId: String(index), field: null },
      ...{ code: index < 3 ? '23502' : '22003', message: 'No.', advice: 'Fix the row.' },
    }));
    await store.recordErrors(itemId, 'w1', rows);
    await store.finishItem(itemId, 'w1', { outcome: 'succeeded_with_leftovers', message: '5 rows failed.' });
    const first = (await ana.get(`/api/v1/runs/${id}/errors?limit=2`)).body as RunErrorPage;
    expect(first).toMatchObject({
      total: 5,
      groups: [
        { code: '23502', count: 3 },
        { code: '22003', count: 2 },
      ],
    });
    const next = await ana.get(`/api/v1/runs/${id}/errors?limit=2&cursor=${first.nextCursor ?? ''}&code=23502`);
    expect(next.body).toMatchObject({ total: 3, items: [{ entityId: '2', advice: 'Fix the row.' }], nextCursor: null });
    const retried = await act(id, 'retry');
    expect(retried.status).toBe(201);
    expect(run(retried)).toMatchObject({ retryOf: id, state: 'queued' });
    expect((await claim()).scope).toEqual({ table: 'public.orders', keys: ['0', '1', '2', '3', '4'] });
    expect(problem(await act(run(retried).id, 'retry'))).toMatchObject({ status: 409 });
  });

  it('tells everybody who may look how fast a run went', async () => {
    const { id } = await started(FULL);
    const series = async (person: Person) => (await person.get(`/api/v1/runs/${id}/series`)).body as RunSeries;
    expect(await series(viewer)).toMatchObject({ points: [] });
    const { itemId } = await claim();
    await store.progress(itemId, 'w1', { add: { rowsApplied: 400 } });
    await store.finishItem(itemId, 'w1', { outcome: 'succeeded' });
    const { finishedAt } = run(await ana.get(`/api/v1/runs/${id}`));
    const seen = await series(viewer);
    expect(seen).toMatchObject({ to: finishedAt, bucketSeconds: 1 });
    expect(Math.max(...seen.points.map(({ rowsPerSecond }) => rowsPerSecond ?? 0))).toBeGreaterThan(0);
    expect(problem(await viewer.get('/api/v1/runs/999999/series'))).toMatchObject({ status: 404, code: 'NO_SUCH_RUN' });
    expect((await new Person(site.api.url).get(`/api/v1/runs/${id}/series`)).status).toBe(401);
  });

  it('RD-1 tells everybody who may look what was asked of a run, by whom, and how it ended', async () => {
    const { id } = await started({ ...FULL, reason: 'Agreed with the owner' });
    const log = async (person: Person) => (await person.get(`/api/v1/runs/${id}/log`)).body as RunLog;
    const OPERATOR = 'operator@astrobookings.example';
    const { itemId } = await claim();
    await ana.patch(`/api/v1/runs/${id}`, { rateLimitRowsPerS: 500 });
    for (const verb of ['pause', 'pause']) await act(id, verb);
    await store.pauseItem(itemId, 'w1');
    await act(id, 'resume');
    await act(id, 'cancel');
    await claim();
    await store.finishItem(itemId, 'w1', { outcome: 'cancelled', message: 'As asked.' });
    await act(id, 'pause'); // refused: the audit trail has it
    const { items, isCut } = await log(viewer);
    expect(items.map(({ initiator, dataSet, text }) => [initiator?.name ?? null, dataSet, text]).reverse()).toEqual([
      [OPERATOR, null, 'Asked for a full copy of orders. Reason: Agreed with the owner'],
      [null, 'orders', 'A worker began.'],
      [OPERATOR, null, 'Rate limit: none to 500 rows/s.'],
      [OPERATOR, null, 'Asked for a pause.'],
      [OPERATOR, null, 'Asked for a pause once more.'],
      [OPERATOR, null, 'Asked to go on.'],
      [OPERATOR, null, 'Asked to cancel.'],
      [null, 'orders', 'A worker took the work up again.'],
      [null, 'orders', 'Ended: cancelled. As asked.'],
      [null, null, 'Ended: cancelled. As asked.'],
    ]);
    expect(isCut).toBe(false);
    expect(problem(await viewer.get('/api/v1/runs/999999/log'))).toMatchObject({ status: 404, code: 'NO_SUCH_RUN' });
  });

  it('lists runs newest first, by filter and page by page', async () => {
    const ids: string[] = [];
    for (const mode of ['full', 'verify', 'full']) {
      const { id } = await started({ datasets: ['orders'], mode });
      await act(id, 'cancel');
      ids.unshift(id);
    }
    const list = async (query: string) => (await viewer.get(`/api/v1/runs?${query}`)).body as RunPage;
    expect((await list('')).items.map(({ id }) => id)).toEqual(ids);
    expect((await list('mode=full&state=cancelled&state=failed')).items.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    expect((await list('dataSet=seats')).items).toEqual([]);
    expect((await list('initiator=schedule')).items).toEqual([]);
    const { initiator } = page0(await list(''));
    expect((await list(`initiator=user:${initiator.id}`)).items).toHaveLength(3);
    expect((await list(`initiator=api_key:${initiator.id}`)).items).toEqual([]);
    expect((await list(`to=${new Date(0).toISOString()}`)).items).toEqual([]);
    const page = await list('limit=2');
    expect((await list(`limit=2&cursor=${page.nextCursor ?? ''}`)).items.map(({ id }) => id)).toEqual([ids[2]]);
    expect((await viewer.get('/api/v1/runs?limit=201')).status).toBe(400);
    expect((await viewer.get('/api/v1/runs?cursor=bm9wZQ')).status).toBe(400);
    const withNul = await viewer.get('/api/v1/runs?dataSet=%00');
    expect(problem(withNul)).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  });

  it.each(['1', '9999999999999999999', 'x'])('knows no run %s', async (id) => {
    expect([400, 404]).toContain((await viewer.get(`/api/v1/runs/${id}`)).status);
    expect([400, 404]).toContain((await act(id, 'cancel')).status);
  });
});

describe('schedules', () => {
  it('tell their next three times in their zone', async () => {
    const { items } = (await viewer.get('/api/v1/schedules')).body as ScheduleList;
    expect(items).toMatchObject([
      { dataSet: 'finance', cron: '0 6 * * *', timeZone: 'Europe/Madrid', paused: null, lastRun: null },
    ]);
    expect(items[0]?.next).toHaveLength(3);
    expect(items[0]?.allowed.run).toMatchObject({ ok: false });
  });

  it('are paused with a reason and a name, and go on', async () => {
    const change = (body: object) => ana.patch('/api/v1/schedules/finance', body);
    expect((await change({ paused: true })).status).toBe(422);
    expect(problem(await change({ paused: true, reason: 'a\u0000b' }))).toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await change({ paused: true, reason: 'month end' })).body).toMatchObject({
      ...{ next: [], paused: { reason: 'month end', by: { kind: 'user' } }, allowed: { resume: { ok: true } } },
    });
    expect(await lastEntry()).toMatchObject({
      action: 'schedule.pause',
      entity_id: 'finance',
      details: { reason: 'month end', before: { paused: false }, after: { paused: true }, changed: true },
    });
    expect((await change({ paused: false })).body).toMatchObject({ paused: null });
    expect((await ana.patch('/api/v1/schedules/orders', { paused: false })).status).toBe(404);
  });

  it('run now, unless they run', async () => {
    const runNow = () => ana.post('/api/v1/schedules/finance/run', undefined, keyed());
    const answer = await runNow();
    expect(answer.status).toBe(201);
    expect(run(answer)).toMatchObject({ mode: 'incremental', dataSets: ['finance'] });
    expect(problem(await runNow())).toMatchObject({ status: 409, code: 'DATA_SET_BUSY' });
  });
});
