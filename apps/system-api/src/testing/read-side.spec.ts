import { Redis } from 'ioredis';
import {
  type ChangeList,
  type DataSetDetail,
  type DataSetList,
  type Explanation,
  type Overview,
} from '@astro/contracts';
import { redisOptions } from '@astro/runtime';
import { createDatabase, query, testServers, watchLeaks, type TestDatabase } from '@astro/testing';
import { apiKeyWith, Person, startTestApi, type TestApi } from './api.fixture.js';
import { applied, declareDataSets, reported, write } from './ledger.fixture.js';

const servers = testServers();
const noLeaks = watchLeaks();
let operations: TestDatabase;
let site: TestApi;
let viewer: Person;
let redis: Redis;

beforeAll(async () => {
  operations = await createDatabase(servers.operations, 'shop');
  await query(
    operations.url,
    `CREATE TABLE agencies (id text PRIMARY KEY, name text);
     CREATE TABLE launches (id text PRIMARY KEY, agency_id text, price numeric(8,2));
     CREATE TABLE bookings (id text PRIMARY KEY, launch_id text, seats integer);
     INSERT INTO agencies VALUES ('a-1', 'Orbit');
     INSERT INTO launches VALUES ('l-1', 'a-1', 12.50);
     INSERT INTO bookings VALUES ('b-1', 'l-1', 2);
     ANALYZE agencies, launches, bookings`,
  );
  site = await startTestApi({ OPERATIONS_READ_DATABASE_URL: operations.url });
  viewer = await Person.withRole(site.api.url, 'viewer');
  redis = new Redis(
    redisOptions(servers.cache, { caFile: servers.caFile, connectionName: 'test', allowPlaintext: false }),
  );
  await declareDataSets(site.sql);
  await site.sql('CREATE TABLE public.agency_profiles (id text PRIMARY KEY, name text)');
  await site.sql('GRANT SELECT ON public.agency_profiles TO PUBLIC');
});
afterAll(async () => {
  await redis.del('{bookings}:b-1', '{launches}:l-1');
  redis.disconnect();
  await site.close();
  await operations.drop();
  await noLeaks({});
});
beforeEach(async () => {
  await site.sql('DELETE FROM sync.ledger_changes');
  await site.sql('DELETE FROM sync.ledger_transactions');
  await site.sql('DELETE FROM sync.lane_failures');
  await write(site.sql, [
    {
      lsn: 'A0',
      at: new Date(Date.now() - 60_000).toISOString(),
      origin: { service: 'BookingAPI', user: 'ana', action: 'bookings.create' },
      changes: [{ table: 1, op: 'i', key: 'b-1', after: { id: 'b-1', launch_id: 'l-1', seats: 2 } }],
    },
    {
      lsn: 'B0',
      at: new Date(Date.now() - 50_000).toISOString(),
      changes: [{ table: 3, op: 'u', key: 'a-1', after: { id: 'a-1', name: 'Orbit' } }],
    },
  ]);
  await applied(site.sql, 'B0');
  await reported(site.sql);
  await redis.set('{bookings}:b-1', '{"id":"b-1","launch_id":"l-1","seats":2}');
  await redis.set('{launches}:l-1', '{"id":"l-1","price":"12.50","agency":{"name":"Orbit"}}');
});

describe('data sets', () => {
  const dataSet = async (name: string) => {
    const { status, body } = await viewer.get(`/api/v1/data-sets/${name}`);
    expect(status).toBe(200);
    return body as DataSetDetail;
  };

  it('says how each stands, and what a viewer may not do', async () => {
    const { body } = await viewer.get('/api/v1/data-sets');
    const { items } = body as DataSetList;
    expect(items.map(({ name, mode, kind, target }) => [name, mode, kind, target])).toEqual([
      ['bookings', 'live', 'flat', 'cache'],
      ['launches', 'live', 'joined', 'cache'],
      ['profiles', 'scheduled', 'flat', 'system'],
    ]);
    expect(items[0]?.allowed.sync).toMatchObject({ ok: false });
    expect(items[1]?.tables.map(({ table, role }) => [table, role])).toEqual([
      ['public.launches', 'root'],
      ['public.bookings', 'read'],
      ['public.agencies', 'read'],
    ]);
  });

  it('lets operators and keys of the scope sync start', async () => {
    const operator = await Person.withRole(site.api.url, 'operator');
    const admin = await Person.withRole(site.api.url, 'admin');
    const { body } = await operator.get('/api/v1/data-sets');
    expect((body as DataSetList).items[0]?.allowed.sync).toEqual({ ok: true });
    const key = await apiKeyWith(admin, 'read');
    const read = await new Person(site.api.url).get('/api/v1/data-sets', { 'x-api-key': key });
    expect((read.body as DataSetList).items[0]?.allowed.sync).toMatchObject({ ok: false });
  });

  it('counts what waits, and its age', async () => {
    await applied(site.sql, 'A0', 2);
    const { lagRows, lagSeconds, hops, status } = await dataSet('launches');
    expect(lagRows).toEqual({ rows: 1, exact: true });
    expect(lagSeconds).toBeGreaterThan(45);
    expect(hops.queue.pending).toEqual(lagRows);
    expect(status).toBe('late');
  });

  it('counts and names a key once that was tried again and failed at a later position, too', async () => {
    await site.sql(`INSERT INTO sync.lane_failures
        (lane_id, table_id, key, commit_lsn, seq, status, code, message, attempts, first_at, last_at) VALUES
      (1, 1, 'b-1', '0/A0', 0, 'failed', '22001', 'too long', 2, '2026-11-22T08:00Z', '2026-11-22T08:01Z'),
      (1, 1, 'b-1', '0/B0', 0, 'failed', '23514', 'not permitted', 1, '2026-11-22T08:02Z', '2026-11-22T08:02Z'),
      (1, 1, 'b-2', '0/A0', 1, 'skipped', '22001', 'too long', 1, '2026-11-22T08:00Z', '2026-11-22T08:00Z')`);
    const { setAsideKeys, setAside, statusReason } = await dataSet('bookings');
    expect(setAsideKeys).toBe(1);
    expect(statusReason).toMatch(/one key that was set aside/);
    expect(setAside).toEqual([
      {
        ...{ table: 'public.bookings', key: 'b-1', code: '23514', message: 'not permitted', attempts: 3 },
        ...{ firstAt: '2026-11-22T08:00:00.000Z', lastAt: '2026-11-22T08:02:00.000Z' },
      },
    ]);
  });

  it('claims nothing when no worker has reported', async () => {
    await reported(site.sql, 120);
    expect(await dataSet('bookings')).toMatchObject({ status: 'unknown', lagSeconds: null });
  });

  it('knows numbers of rows as the statistics say, and nothing where there are none', async () => {
    const { hops } = await dataSet('bookings');
    expect(hops.source.rows).toEqual({ rows: 1, exact: false });
    expect(hops.target.rows).toBeNull();
  });

  it('draws a time without samples as a gap, not as zero', async () => {
    await site.sql(`INSERT INTO sync.lane_samples (lane_id, sampled_at, state, lag_ms, applied)
      VALUES (1, date_bin('10 seconds', now() - interval '1 hour', '2000-01-01Z'), 'streaming', 2500, 40)`);
    const { series } = await dataSet('bookings');
    const known = series.points.filter(({ lagSeconds }) => lagSeconds !== null);
    expect(known).toMatchObject([{ lagSeconds: 2.5, appliedPerSecond: 4 }]);
    expect(series.points.length).toBeLessThanOrEqual(300);
    expect(series.points.length).toBeGreaterThan(100);
  });

  it.each([
    ['a data set that is not declared', 'nothing', 404],
    ['a range that ends before it begins', 'bookings?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z', 400],
    ['a range that is too long', 'bookings?from=2025-11-02T00:00:00Z&to=2026-11-01T00:00:00Z', 400],
  ])('refuses %s', async (_name, path, status) => {
    expect((await viewer.get(`/api/v1/data-sets/${path}`)).status).toBe(status);
  });
});

it('OV-6 a key that failed with several changes is one key, with all of its tries', async () => {
  await site.sql(
    `INSERT INTO sync.lane_failures (lane_id, table_id, key, commit_lsn, seq, status, code, message, attempts, last_at)
     VALUES (1, 1, 'b-1', '0/A0', 0, 'failed', '23514', 'first', 2, now() - interval '1 min'),
       (1, 1, 'b-1', '0/B0', 0, 'failed', '23514', 'second', 3, now()),
       (1, 1, 'b-2', '0/B0', 1, 'failed', '23514', 'other', 1, now() - interval '2 min'),
       (1, 1, 'b-3', '0/B0', 2, 'skipped', '23514', 'gone', 1, now())`,
  );
  const { body } = await viewer.get('/api/v1/data-sets/bookings');
  const { setAside, setAsideKeys } = body as DataSetDetail;
  expect(setAsideKeys).toBe(2);
  expect(setAside.map(({ key, message, attempts }) => [key, message, attempts])).toEqual([
    ['b-1', 'second', 5],
    ['b-2', 'other', 1],
  ]);
});

describe('samples', () => {
  it('say what was captured and applied since the one before, and nothing about a time without one', async () => {
    await site.sql('DELETE FROM sync.source_samples');
    await site.sql('DELETE FROM sync.lane_samples');
    await site.sql('SELECT sync.sample_flow()');
    const rows = await site.sql<{ applied: string | null; lag_ms: string }>(
      'SELECT applied, lag_ms FROM sync.lane_samples ORDER BY lane_id',
    );
    expect(rows).toEqual([1, 2, 3].map(() => ({ applied: null, lag_ms: '0' })));
    await site.sql(`UPDATE sync.source_samples SET sampled_at = sampled_at - interval '10 s', commit_lsn = '0/A0'`);
    await site.sql(`UPDATE sync.lane_samples SET sampled_at = sampled_at - interval '10 s', position_lsn = '0/A0'`);
    await site.sql('SELECT sync.sample_flow()');
    const [source] = await site.sql(
      'SELECT changes, unattributed FROM sync.source_samples ORDER BY sampled_at DESC LIMIT 1',
    );
    expect(source).toEqual({ changes: '1', unattributed: '1' });
  });
});

describe('overview', () => {
  const overview = async () =>
    (await viewer.get('/api/v1/overview?from=' + new Date(Date.now() - 3_600_000).toISOString())).body as Overview;

  it('OV-6 counts what nobody claimed, and who writes how much, as the list of changes has rows', async () => {
    const ofService = { service: 'BookingAPI', action: 'bookings.tidy' };
    const bookings = ['b-2', 'b-3'].map((key) => ({ table: 1, op: 'u', key, after: { id: key } }) as const);
    const at = new Date(Date.now() - 40_000).toISOString();
    await write(site.sql, [{ lsn: 'C0', at, origin: ofService, changes: bookings }]);
    const { unattributed, topOrigins, originsSince, freshness } = await overview();
    const listed = async (filter: string) => {
      const { body } = await viewer.get(`/api/v1/changes?${filter}&from=${originsSince}`);
      return (body as ChangeList).items.length;
    };
    expect(unattributed).toMatchObject({ changes: await listed('unattributed=true'), exact: true });
    expect(topOrigins.map(({ service, user, changes }) => [service, user, changes])).toEqual([
      ['BookingAPI', null, await listed('service=BookingAPI&withoutUser=true')],
      ['BookingAPI', 'ana', await listed('service=BookingAPI&user=ana')],
      [null, null, await listed('unattributed=true')],
    ]);
    expect(topOrigins.map(({ transactions, changes }) => [transactions, changes])).toEqual([
      [1, 4],
      [1, 2],
      [1, 2],
    ]);
    expect(freshness).toHaveLength(3);
  });

  it('CH-3 names who wrote in a range that has ended, whatever came after it', async () => {
    const [from, to] = [3_600_000, 55_000].map((agoMs) => new Date(Date.now() - agoMs).toISOString());
    const { body } = await viewer.get(`/api/v1/overview?from=${from}&to=${to}`);
    const { topOrigins, unattributed } = body as Overview;
    expect(topOrigins.map(({ service, user, changes }) => [service, user, changes])).toEqual([
      ['BookingAPI', 'ana', 2],
    ]);
    expect(unattributed.changes).toBe(0);
  });

  it('shows a failed run until one of the same data set succeeds', async () => {
    const run = (state: string) =>
      site.sql(
        `INSERT INTO sync.runs (mode, data_sets, state, initiator, finished_at)
         VALUES ('full', '{bookings}', $1, '{"kind":"user","id":"1","name":"Ana"}', clock_timestamp())`,
        [state],
      );
    await run('failed');
    expect((await overview()).needsAttention.filter(({ kind }) => kind === 'run')).toHaveLength(1);
    await run('succeeded');
    expect((await overview()).needsAttention.filter(({ kind }) => kind === 'run')).toEqual([]);
  });
});

describe('explain', () => {
  const explain = async (dataSet: string, key: string) => {
    const { status, body } = await viewer.get(`/api/v1/explain?dataSet=${dataSet}&key=${key}`);
    expect(status).toBe(200);
    return body as Explanation;
  };

  it('follows a value from the source over its change to the cache', async () => {
    const { verdict, source, target, cause, sentence, historyComplete } = await explain('bookings', 'b-1');
    expect([verdict, historyComplete]).toEqual(['equal', true]);
    expect(source.value).toEqual({ id: 'b-1', launch_id: 'l-1', seats: 2 });
    expect(target.value).toEqual(source.value);
    expect(cause?.origin).toMatchObject({ service: 'BookingAPI', user: 'ana' });
    expect(sentence).toContain('ana via BookingAPI · bookings.create');
  });

  it('says that a corrupted document differs, and in which field', async () => {
    await redis.set('{bookings}:b-1', '{"id":"b-1","launch_id":"l-1","seats":99}');
    const { verdict, differences } = await explain('bookings', 'b-1');
    expect([verdict, differences]).toEqual(['differs', [{ field: 'seats', source: 2, target: 99 }]]);
  });

  it('says that a key is set aside with its error, also when only a copy met it', async () => {
    await site.sql(`INSERT INTO sync.lane_failures (lane_id, table_id, key, commit_lsn, seq, status, code, message)
      VALUES (1, 1, 'b-9', '0/AF', 0, 'failed', '23514', 'The target does not take it.')`);
    const { verdict, sentence } = await explain('bookings', 'b-9');
    expect(verdict).toBe('set_aside');
    expect(sentence).toMatch(/^The key is set aside: The target does not take it\. /);
  });

  it('tells a change that is on its way from a difference', async () => {
    await redis.set('{bookings}:b-1', '{"id":"b-1","launch_id":"l-1","seats":1}');
    const change = { table: 1, op: 'u', key: 'b-1', after: { id: 'b-1', launch_id: 'l-1', seats: 2 } } as const;
    await write(site.sql, [{ lsn: 'C0', at: new Date().toISOString(), origin: { user: 'leo' }, changes: [change] }]);
    const { verdict, waiting } = await explain('bookings', 'b-1');
    expect([verdict, waiting?.origin.user]).toEqual(['behind', 'leo']);
  });

  it.each([
    ['text that is no JSON', 'not json'],
    ['a list', '[1,2]'],
  ])('does not trust what stands in the cache: %s', async (_name, stored) => {
    await redis.set('{bookings}:b-1', stored);
    const { verdict, target } = await explain('bookings', 'b-1');
    expect([verdict, target.value]).toEqual(['differs', null]);
  });

  it('rebuilds a joined document and names the rows that it is made of', async () => {
    const { verdict, source, related } = await explain('launches', 'l-1');
    expect(source.value).toEqual({ id: 'l-1', price: '12.50', agency: { name: 'Orbit' } });
    expect(verdict).toBe('equal');
    expect(related.map(({ table, key, changes }) => [table, key, changes.map(({ entityId }) => entityId)])).toEqual([
      ['public.bookings', null, ['b-1']],
      ['public.agencies', 'a-1', ['a-1']],
    ]);
  });

  it('compares with the row of a SystemDB table', async () => {
    expect((await explain('profiles', 'a-1')).target).toMatchObject({ endpoint: 'system', state: 'absent' });
    await site.sql(`INSERT INTO public.agency_profiles VALUES ('a-1', 'Orbit')`);
    expect((await explain('profiles', 'a-1')).verdict).toBe('equal');
  });

  it('says that neither side holds a key that never was', async () => {
    expect((await explain('bookings', "b'; DROP TABLE bookings; --")).verdict).toBe('absent');
  });

  it('says that a document is absent when its key is no value of the root column', async () => {
    await query(operations.url, 'ALTER TABLE launches RENAME TO text_launches');
    try {
      await query(operations.url, 'CREATE TABLE launches (id int PRIMARY KEY, agency_id text, price numeric(8,2))');
      const { verdict, source } = await explain('launches', 'l-9');
      expect([verdict, source.state]).toEqual(['absent', 'absent']);
    } finally {
      await query(operations.url, 'DROP TABLE IF EXISTS launches; ALTER TABLE text_launches RENAME TO launches');
    }
  });

  it('says what it cannot know', async () => {
    await query(operations.url, 'ALTER TABLE bookings RENAME TO elsewhere');
    const { verdict, source } = await explain('bookings', 'b-1');
    await query(operations.url, 'ALTER TABLE elsewhere RENAME TO bookings');
    expect([verdict, source.state, source.detail]).toEqual(['unknown', 'unknown', 'It could not be read (42P01).']);
  });

  it.each([
    ['an unknown data set', 'dataSet=nothing&key=1', 404],
    ['a table of another data set', 'dataSet=bookings&key=1&table=public.agencies', 400],
    ['no key', 'dataSet=bookings', 400],
  ])('refuses %s', async (_name, search, status) => {
    expect((await viewer.get(`/api/v1/explain?${search}`)).status).toBe(status);
  });
});
