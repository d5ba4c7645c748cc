import { type Change, type ChangeDetail, type ChangeList, type Problem } from '@astro/contracts';
import { watchLeaks } from '@astro/testing';
import { Person, startTestApi, type Answer, type TestApi } from '../testing/api.fixture.js';
import { applied, declareDataSets, write, type Written } from '../testing/ledger.fixture.js';

const noLeaks = watchLeaks();
let site: TestApi;
let viewer: Person;

const HISTORY: readonly Written[] = [
  {
    lsn: 'A0',
    at: '2026-11-20T10:00:00.000Z',
    origin: { service: 'BookingAPI', user: 'ana', action: 'bookings.create', correlationId: 'c-1' },
    changes: [{ table: 1, op: 'i', key: 'b-1', after: { id: 'b-1', launch_id: 'l-1', seats: 2 } }],
  },
  {
    lsn: 'B0',
    at: '2026-11-20T11:00:00.000Z',
    origin: { service: 'AgencyAPI', user: 'leo', action: 'launches.price', correlationId: 'c-2' },
    changes: [
      { table: 2, op: 'u', key: 'l-1', before: { id: 'l-1', price: '10.00' }, after: { id: 'l-1', price: '12.50' } },
      { table: 3, op: 'u', key: 'a-1', after: { id: 'a-1', name: 'Orbit' } },
    ],
  },
  {
    lsn: 'C0',
    at: '2026-11-21T09:00:00.000Z',
    changes: [{ table: 1, op: 'd', key: 'b-1', before: { id: 'b-1', launch_id: 'l-1', seats: 2 } }],
  },
  {
    lsn: 'D0',
    at: '2026-11-21T09:30:00.000Z',
    origin: { service: 'BookingAPI', user: 'ana', action: 'bookings.change', correlationId: 'c-3' },
    changes: [{ table: 1, op: 'u', key: 'b-9', oldKey: 'b-2', after: { id: 'b-9', launch_id: 'l-1', seats: 4 } }],
  },
];

beforeAll(async () => {
  site = await startTestApi();
  viewer = await Person.withRole(site.api.url, 'viewer');
  await declareDataSets(site.sql);
  await write(site.sql, HISTORY);
  await applied(site.sql, 'C0');
});
afterAll(async () => {
  await site.close();
  await noLeaks({});
});

async function list(query: Record<string, string>, who = viewer): Promise<ChangeList> {
  const answer: Answer = await who.get(`/api/v1/changes?${new URLSearchParams(query).toString()}`);
  expect(answer.status).toBe(200);
  return answer.body as ChangeList;
}

const names = (items: readonly Change[]) => items.map(({ dataSet, entityId, op }) => `${dataSet} ${op} ${entityId}`);

it('lists one item per change and data set, newest first, with origin and status', async () => {
  const { items, nextCursor } = await list({});
  expect(names(items)).toEqual([
    'launches update b-9',
    'bookings update b-9',
    'launches delete b-1',
    'bookings delete b-1',
    'profiles update a-1',
    'launches update a-1',
    'launches update l-1',
    'launches insert b-1',
    'bookings insert b-1',
  ]);
  expect(nextCursor).toBeNull();
  expect(items[0]).toMatchObject({ status: 'pending', executedAt: null, origin: { user: 'ana', unattributed: false } });
  expect(items[2]).toMatchObject({ status: 'completed', origin: { service: null, unattributed: true } });
  expect(items[6]).toMatchObject({ changedFields: ['price'], entityType: 'public.launches' });
  expect(items[5]?.changedFields).toBeNull(); // the row before is not known
});

it.each<[string, Record<string, string>, readonly string[]]>([
  ['data set', { dataSet: 'bookings' }, ['bookings update b-9', 'bookings delete b-1', 'bookings insert b-1']],
  ['table', { table: 'public.agencies' }, ['profiles update a-1', 'launches update a-1']],
  ['key', { dataSet: 'bookings', key: 'b-1' }, ['bookings delete b-1', 'bookings insert b-1']],
  ['the key before it changed', { dataSet: 'bookings', key: 'b-2' }, ['bookings update b-9']],
  ['pending', { status: 'pending' }, ['launches update b-9', 'bookings update b-9']],
  ['completed', { status: 'completed', dataSet: 'bookings' }, ['bookings delete b-1', 'bookings insert b-1']],
  ['op', { op: 'insert', dataSet: 'bookings' }, ['bookings insert b-1']],
  ['service', { service: 'BookingAPI', dataSet: 'bookings' }, ['bookings update b-9', 'bookings insert b-1']],
  ['user', { user: 'leo', dataSet: 'launches' }, ['launches update a-1', 'launches update l-1']],
  ['action', { action: 'bookings.create', dataSet: 'bookings' }, ['bookings insert b-1']],
  ['correlation id', { correlationId: 'c-2', dataSet: 'profiles' }, ['profiles update a-1']],
  ['nobody claimed it', { unattributed: 'true', dataSet: 'bookings' }, ['bookings delete b-1']],
  ['key and user', { key: 'b-1', user: 'ana', dataSet: 'bookings' }, ['bookings insert b-1']],
  ['from', { from: '2026-11-21T09:15:00Z', dataSet: 'bookings' }, ['bookings update b-9']],
  ['to', { to: '2026-11-20T10:30:00Z', dataSet: 'bookings' }, ['bookings insert b-1']],
  ['a data set that is not declared', { dataSet: 'nothing' }, []],
  ['a key that never was', { key: 'b-404' }, []],
])('finds by %s', async (_name, query, expected) => {
  const { items, searchedUntil } = await list(query);
  expect(names(items)).toEqual(expected);
  expect(searchedUntil).toBeNull();
});

it.each<[string, Record<string, string>]>([
  ['everything', {}],
  ['a user', { user: 'ana' }],
  ['a key', { key: 'b-1' }],
])('gives the same by pages as at once: %s', async (_name, query) => {
  const whole = names((await list(query)).items);
  expect(await byPages(query)).toEqual(whole);
});

/** One change a page. */
async function byPages(query: Record<string, string>): Promise<string[]> {
  const paged: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: ChangeList = await list({ ...query, limit: '1', ...(cursor !== '' && { cursor }) });
    paged.push(...names(page.items));
    cursor = page.nextCursor;
  }
  return paged;
}

it('shows keys that were set aside as failed, with the error', async () => {
  await site.sql(`INSERT INTO sync.lane_failures (lane_id, table_id, key, commit_lsn, seq, status, code, message)
    VALUES (1, 1, 'b-1', '0/A0', 0, 'failed', 'SYNC_POISON', 'the value is too long')`);
  const { items } = await list({ status: 'failed' });
  expect(names(items)).toEqual(['bookings insert b-1']);
  expect(items[0]?.error).toEqual({ code: 'SYNC_POISON', message: 'the value is too long' });
  expect(names((await list({ status: 'completed', dataSet: 'bookings' })).items)).toEqual(['bookings delete b-1']);
  await site.sql('DELETE FROM sync.lane_failures');
});

it('follows the tail: what came after an answer, once', async () => {
  const { newest } = await list({});
  expect((await list({ after: newest ?? '' })).items).toEqual([]);
  const at = '2026-11-22T08:00:00.000Z';
  await write(site.sql, [{ lsn: 'E0', at, changes: [{ table: 3, op: 'd', key: 'a-2', before: { id: 'a-2' } }] }]);
  const tail = await list({ after: newest ?? '' });
  expect([names(tail.items), tail.skipped]).toEqual([['profiles delete a-2', 'launches delete a-2'], false]);
  expect((await list({ after: newest ?? '', limit: '1' })).skipped).toBe(true);
  expect((await list({ after: tail.newest ?? '' })).items).toEqual([]);
});

it('tells one change with the row before and after', async () => {
  const [item] = (await list({ key: 'l-1' })).items;
  const { status, body } = await viewer.get(`/api/v1/changes/${item?.id ?? ''}`);
  expect(status).toBe(200);
  expect(body as ChangeDetail).toMatchObject({
    id: item?.id,
    before: { id: 'l-1', price: '10.00' },
    after: { id: 'l-1', price: '12.50' },
    fields: [
      { name: 'id', kind: 'same' },
      { name: 'price', kind: 'changed', before: '10.00', after: '12.50' },
    ],
    transaction: { changes: 2, history: '7/1' },
  });
});

it('has the ids of job_queue', async () => {
  const { items } = await list({});
  const rows = await site.sql<{ id: string }>('SELECT id::text AS id FROM job_queue');
  expect(new Set(items.map(({ id }) => id))).toEqual(new Set(rows.map(({ id }) => id)));
});

it.each([
  ['an unknown filter', '?colour=red', 400],
  ['a cursor that was made up', '?cursor=bm9uZQ', 400],
  ['a cursor of the tail', '?cursor=W10', 400],
  ['cursor and after together', '?cursor=a&after=b', 400],
  ['a page that is too long', '?limit=201', 400],
  ['a change that is not there', '/4096', 404],
  ['an id that is none', '/one', 400],
])('refuses %s', async (_name, path, status) => {
  const answer = await viewer.get(`/api/v1/changes${path}`);
  expect(answer.status).toBe(status);
  expect((answer.body as Problem).detail).not.toMatch(/select|sync\./i);
});

it('is closed to those who are not signed in', async () => {
  expect((await new Person(site.api.url).get('/api/v1/changes')).status).toBe(401);
});

it('goes on by as many pages as there are, also through one transaction that has them all', async () => {
  const keys = Array.from({ length: 40 }, (_, index) => `m-${index}`);
  const changes = keys.map((key) => ({ table: 1, op: 'i', key, after: { id: key } }) as const);
  const origin = { service: 'BookingAPI', user: 'ana', action: 'bookings.create', correlationId: 'c-many' };
  await write(site.sql, [{ lsn: 'F0', at: '2026-11-22T09:00:00.000Z', origin, changes }]);
  const paged = await byPages({ correlationId: 'c-many', dataSet: 'bookings' });
  expect(paged.toSorted()).toEqual(keys.map((key) => `bookings insert ${key}`).toSorted());
});
