import { auditPageSchema, type AuditEntry, type AuditPage } from '@astro/contracts';
import { waitFor, watchLeaks } from '@astro/testing';
import { Person, startTestApi, type TestApi } from '../testing/api.fixture.js';

const noLeaks = watchLeaks();
let site: TestApi;
let auditor: Person;

beforeAll(async () => {
  site = await startTestApi();
  auditor = await Person.withRole(site.api.url, 'auditor');
  await site.sql(
    `INSERT INTO entry_log (action, entity_type, entity_id, "timestamp", details, initiator_kind, initiator_id,
       initiator_name, service, result, correlation_id)
     SELECT CASE n % 2 WHEN 0 THEN 'run.start' ELSE 'run.pause' END, 'run', n::text,
       timestamptz '2026-01-01 00:00Z' + n * interval '1 minute',
       jsonb_build_object('dataSets', jsonb_build_array(CASE WHEN n < 5 THEN 'bookings_50%' ELSE 'launches' END)),
       'user', (100 + n % 3)::text, 'person' || n % 3 || '@example.org', CASE WHEN n = 7 THEN 'sync-worker' ELSE 'system-api' END,
       CASE WHEN n = 9 THEN 'refused' ELSE 'succeeded' END, CASE WHEN n BETWEEN 20 AND 24 THEN 'story-9' END
     FROM generate_series(1, 60) n`,
  );
});
afterAll(async () => {
  await site.close();
  await noLeaks();
});

const SLOW_SEARCHES = `
SELECT 1 FROM pg_stat_activity
WHERE datname = current_database() AND wait_event = 'PgSleep' AND query LIKE '%FROM public.entry_log %'`;

async function find(query: string): Promise<AuditEntry[]> {
  const answer = await auditor.get(`/api/v1/audit?limit=200&entityType=run&${query}`);
  return auditPageSchema.parse(answer.body).items;
}

it.each([
  ['actor=person1', 20],
  ['actor=101', 20],
  ['service=sync-worker', 1],
  ['action=run', 60],
  ['action=run.pause', 30],
  ['action=ru', 0],
  ['entityId=33', 1],
  ['result=refused', 1],
  ['from=2026-01-01T00:10:00Z', 51],
  ['to=2026-01-01T00:10:00Z', 9],
  ['from=2026-01-01T00:10:00Z&to=2026-01-01T01:20:00%2B01:00', 10],
  ['correlationId=story-9', 5],
  ['text=BOOKINGS', 4],
  ['text=50%25', 4],
  ['text=5_%25', 0],
  [`text=${encodeURIComponent(`'; DROP TABLE entry_log; --`)}`, 0],
  ['actor=person0&action=run.start&result=succeeded', 10],
])('finds by %s: %d', async (query, count) => {
  expect(await find(query)).toHaveLength(count);
});

it.each(['from=0000-01-01T00:00:00Z', 'to=2026-01-01T00:00:00%2B16:00', 'from=2026-01-01T00:00:00-23:59'])(
  'refuses a time that PostgreSQL does not know: %s',
  async (query) => {
    expect(await auditor.get(`/api/v1/audit?${query}`)).toMatchObject({ status: 400 });
  },
);

it('pages through everything once, newest first', async () => {
  const seen: string[] = [];
  let cursor = '';
  do {
    const { items, nextCursor } = (await auditor.get(`/api/v1/audit?limit=25&entityType=run${cursor}`))
      .body as AuditPage;
    seen.push(...items.map(({ id }) => id));
    cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
  } while (cursor !== '');
  expect(seen).toHaveLength(60);
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => Number(b) - Number(a)));
});

it.each(['cursor=made-up', 'cursor=WyIwIl0', 'limit=201', 'limit=0', 'from=yesterday', 'unknown=1'])(
  'refuses %s',
  async (query) => {
    expect((await auditor.get(`/api/v1/audit?${query}`)).status).toBe(400);
  },
);

it('writes down that it was read and exported, by whom and with which filters', async () => {
  await find('result=refused');
  await auditor.get('/api/v1/audit/export?format=csv&entityType=run');
  const entries = await site.sql(
    `SELECT action, initiator_name, details FROM entry_log WHERE action LIKE 'audit.%' ORDER BY id DESC LIMIT 2`,
  );
  expect(entries).toMatchObject([
    { action: 'audit.export', details: { format: 'csv', filter: { entityType: 'run' } } },
    {
      action: 'audit.read',
      initiator_name: 'auditor@astrobookings.example',
      details: { filter: { result: 'refused' } },
    },
  ]);
});

describe('the export', () => {
  it('has the same entries as the list, as JSON lines', async () => {
    const answer = await auditor.get('/api/v1/audit/export?format=jsonl&entityType=run&action=run.pause');
    const lines = answer.text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as AuditEntry)).toEqual(await find('action=run.pause'));
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="audit_\d{8}T\d{6}Z\.jsonl"$/);
  });

  it('has the same entries as CSV, with a header, and no formula in it', async () => {
    await site.sql(
      `INSERT INTO entry_log (action, entity_type, entity_id, initiator_kind, initiator_name, service, result)
       VALUES ('x.y', 'hostile', '=HYPERLINK("http://evil")', 'user', '@evil,=1+1', 'system-api', 'succeeded')`,
    );
    const { text } = await auditor.get('/api/v1/audit/export?format=csv&entityType=hostile');
    const [header, row] = text.split('\r\n');
    expect(header?.split(',')).toHaveLength(14);
    expect(row).toContain(`"'@evil,'=1+1"`);
    expect(row).toContain(`"'=HYPERLINK(""http://evil"")"`);
  });

  it('goes past the size of one batch', async () => {
    await site.sql(
      `INSERT INTO entry_log (action, entity_type, initiator_kind, initiator_name, service, result)
       SELECT 'x.y', 'many', 'system', 'test', 'test', 'succeeded' FROM generate_series(1, 2500)`,
    );
    const { text } = await auditor.get('/api/v1/audit/export?format=jsonl&entityType=many');
    expect(text.trimEnd().split('\n')).toHaveLength(2_500);
  });
});

describe('a search that takes too long', () => {
  beforeAll(async () => {
    await site.sql('ALTER TABLE entry_log RENAME TO entry_log_kept');
    await site.sql(
      `CREATE FUNCTION slow(sign anyelement) RETURNS anyelement STABLE LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_sleep(10); RETURN sign; END $$`,
    );
    await site.sql(
      `CREATE VIEW entry_log AS SELECT id, "timestamp", slow(action) AS action, entity_type, entity_id, result, details,
         initiator_kind, initiator_id, initiator_name, service, address, request_id, correlation_id
       FROM entry_log_kept`,
    );
    // Entries are still written: the search alone is slow.
    await site.sql(
      `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO public.entry_log_kept (action, entity_type, entity_id, result, details, initiator_kind,
           initiator_id, initiator_name, service) VALUES (NEW.action, NEW.entity_type, NEW.entity_id, NEW.result,
           NEW.details, NEW.initiator_kind, NEW.initiator_id, NEW.initiator_name, NEW.service);
         RETURN NEW; END $$`,
    );
    await site.sql('CREATE TRIGGER keep INSTEAD OF INSERT ON entry_log FOR EACH ROW EXECUTE FUNCTION keep()');
    await site.sql('GRANT SELECT, INSERT ON entry_log TO PUBLIC');
  });
  afterAll(async () => {
    await site.sql('DROP VIEW entry_log');
    await site.sql('DROP FUNCTION slow, keep');
    await site.sql('ALTER TABLE entry_log_kept RENAME TO entry_log');
  });

  it.each([
    ['/api/v1/audit?text=x', 10],
    ['/api/v1/audit/export?format=csv&text=x', 1],
  ])('says so, and does not stop the API: %s, %d at once', async (path, count) => {
    let answered = 0;
    const searches = Array.from({ length: count }, () => auditor.get(path).finally(() => answered++));
    await waitFor(async () => (await site.sql(SLOW_SEARCHES)).length > 0, { what: 'the searches' });
    expect((await auditor.get('/api/v1/me')).status).toBe(200);
    expect(answered).toBe(0);
    const tooSlow = (await Promise.all(searches)).find(({ status }) => status === 422);
    expect(tooSlow?.body).toMatchObject({
      ...{ code: 'SEARCH_TOO_SLOW', detail: expect.stringContaining('Narrow the time') },
    });
  });
});

describe('what cannot be written down', () => {
  it.each<[string, (admin: Person) => Promise<{ status: number; body: unknown }>, string]>([
    [
      'a new user',
      (admin) => admin.post('/api/v1/users', { email: 'new@example.org', name: 'New', role: 'viewer' }),
      `SELECT count(*)::int AS n FROM users`,
    ],
    [
      'a new API key',
      (admin) => admin.post('/api/v1/api-keys', { name: 'ci', scopes: ['read'] }),
      'SELECT count(*)::int AS n FROM access.api_keys',
    ],
    [
      'a change of one’s name',
      (admin) => admin.patch('/api/v1/me', { name: 'Somebody else' }),
      `SELECT count(*)::int AS n FROM users WHERE name = 'Somebody else'`,
    ],
    [
      'a sign-in',
      () => new Person(site.api.url).signIn('viewer@astrobookings.example', 'astro-demo-viewer'),
      'SELECT count(*)::int AS n FROM access.sessions',
    ],
    ['reading the trail', (admin) => admin.get('/api/v1/audit'), 'SELECT 1 AS n'],
  ])('is not done: %s', async (_name, act, state) => {
    const admin = await Person.withRole(site.api.url, 'admin');
    const before = await site.sql(state);
    await site.sql('ALTER TABLE entry_log ADD CONSTRAINT full_disk CHECK (false) NOT VALID');
    const { status, body } = await act(admin);
    await site.sql('ALTER TABLE entry_log DROP CONSTRAINT full_disk');
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(await site.sql(state)).toEqual(before);
  });

  it.each(['UPDATE entry_log SET result = result', 'DELETE FROM entry_log', 'TRUNCATE entry_log'])(
    'cannot be changed afterwards, not even by the owner: %s',
    async (sql) => {
      await expect(site.sql(sql)).rejects.toThrow('append-only');
    },
  );

  it('holds no secret, no NUL and no half of a character', async () => {
    const admin = await Person.withRole(site.api.url, 'admin');
    const name = 'odd \ud800 name password=hunter2secret';
    expect((await admin.patch('/api/v1/me', { name })).status).toBe(200);
    const [entry] = await site.sql<{ details: unknown }>(`SELECT details FROM entry_log ORDER BY id DESC LIMIT 1`);
    expect(JSON.stringify(entry?.details)).not.toContain('hunter2secret');
  });
});
