import pg from 'pg';
import { auditQuerySchema, type AuditPage } from '@astro/contracts';
import { watchLeaks } from '@astro/testing';
import { type Connections } from '../shared/connections.js';
import { startTestApi, type TestApi } from '../testing/api.fixture.js';
import { AuditReader } from './audit-reader.js';

/**
 * What keeps a search of a long trail quick: whatever is asked, and however little of it there is, few entries are looked
 * at. How long that takes for a million is measured by `cli/search-bench.ts`.
 */

const ENTRIES = 40_000;
const MOST_LOOKED_AT = 3_000;
/** For a page of what one of a hundred entries has, on a walk from the newest, each stretch twice as long. */
const MOST_WALKED = 7_000;
/** The rare ones are the oldest, where a walk from the newest finds them last. */
const FILL = `
INSERT INTO entry_log (action, entity_type, entity_id, "timestamp", details, initiator_kind, initiator_id, initiator_name,
  service, result, correlation_id)
SELECT CASE WHEN n <= 3 THEN 'data_set.drop' WHEN n % 3 = 0 THEN 'run.start' ELSE 'auth.sign_in' END,
  CASE WHEN n <= 3 THEN 'data_set' WHEN n % 3 = 0 THEN 'run' ELSE 'session' END, (n / 2)::text,
  timestamptz '2026-01-01 00:00Z' + n * interval '1 minute',
  jsonb_build_object('reason', CASE WHEN n <= 3 THEN 'unicorn' WHEN n < 500 THEN 'eclipse'
    WHEN n % 100 = 50 THEN 'zq quasar' ELSE 'agreed in ticket ' || n END),
  'user', (CASE WHEN n <= 3 THEN -n ELSE n % 2000 END)::text,
  CASE WHEN n <= 3 THEN 'zoe' ELSE 'person' || n % 2000 END || '@example.org',
  CASE WHEN n <= 3 THEN 'sync-worker' ELSE 'system-api' END, CASE WHEN n <= 3 THEN 'failed' ELSE 'succeeded' END,
  'c-' || n
FROM generate_series(1, ${ENTRIES}) n`;

const noLeaks = watchLeaks();
let site: TestApi;
let system: pg.Client;

beforeAll(async () => {
  site = await startTestApi();
  system = new pg.Client({ connectionString: site.database.url });
  await system.connect();
  await system.query(FILL);
  await system.query('VACUUM ANALYZE entry_log');
});
afterAll(async () => {
  await system.end();
  await site.close();
  await noLeaks();
});

interface Plan {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Plan[];
}

/** Entries that a plan has read of the table, whether they fitted or not. */
function lookedAt(plan: Plan): number {
  const below = (plan.Plans ?? []).map(lookedAt).reduce((sum, count) => sum + count, 0);
  if (plan['Relation Name'] === undefined) return below;
  const each =
    plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0) + (plan['Rows Removed by Index Recheck'] ?? 0);
  return below + each * plan['Actual Loops'];
}

/** Runs the statement of a search as the API sends it, on rows that come back, and looks at its plan. */
async function search(query: Record<string, string>): Promise<{ found: AuditPage; looked: number }> {
  const plans: Plan[] = [];
  const searches = {
    async query(text: string, values: unknown[] = []) {
      const explained = await system.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
        values,
      );
      plans.push(...explained.rows.map((row) => row['QUERY PLAN'][0].Plan));
      return system.query(text, values);
    },
  };
  const reader = new AuditReader({ searches } as unknown as Connections);
  const found = await reader.page(auditQuerySchema.parse(query));
  return { found, looked: plans.map(lookedAt).reduce((sum, count) => sum + count, 0) };
}

describe('AU-3 a search of the trail looks at few entries', () => {
  it.each<[string, Record<string, string>, number]>([
    ['nothing asked', {}, 50],
    ['a frequent actor', { actor: 'person' }, 50],
    ['an actor', { actor: 'person17@' }, 20],
    ['an actor by id', { actor: '1234' }, 20],
    ['a rare actor', { actor: 'zoe' }, 3],
    ['an actor who never was', { actor: 'nobody' }, 0],
    ['a frequent service', { service: 'system-api' }, 50],
    ['a rare service', { service: 'sync-worker' }, 3],
    ['a service that never was', { service: 'nothing' }, 0],
    ['a frequent action', { action: 'auth.sign_in' }, 50],
    ['actions of a kind', { action: 'run' }, 50],
    ['rare actions', { action: 'data_set' }, 3],
    ['an action that never was', { action: 'nothing' }, 0],
    ['a frequent entity type', { entityType: 'run' }, 50],
    ['a rare entity type', { entityType: 'data_set' }, 3],
    ['an entity', { entityId: '77' }, 2],
    ['an entity of a type', { entityType: 'run', entityId: '1500' }, 1],
    ['a frequent result', { result: 'succeeded' }, 50],
    ['a rare result', { result: 'failed' }, 3],
    ['a result that never was', { result: 'refused' }, 0],
    ['an hour', { from: '2026-01-03T00:00:00Z', to: '2026-01-03T01:00:00Z' }, 50],
    ['what comes later', { from: '2999-01-01T00:00:00Z' }, 0],
    ['a correlation id', { correlationId: 'c-77' }, 1],
    ['a frequent word', { text: 'ticket' }, 50],
    ['a word of one entry', { text: 'ticket 7777"' }, 1],
    ['a word that only the oldest have', { text: 'eclipse' }, 50],
    ['a rare word', { text: 'unicorn' }, 3],
    ['a word that never was', { text: 'nothing like it' }, 0],
    ['a word and an action', { text: 'unicorn', action: 'data_set.drop' }, 3],
    ['a word that the action never has', { text: 'unicorn', action: 'run.start' }, 0],
    ['everything', { text: 'ticket', actor: 'person', action: 'run', service: 'system-api', result: 'succeeded' }, 50],
  ])('%s', async (_name, query, count) => {
    const { found, looked } = await search(query);
    expect(found.items).toHaveLength(count);
    expect(looked).toBeLessThanOrEqual(MOST_LOOKED_AT);
  });

  it('two letters, for which there are no trigrams', async () => {
    const { found, looked } = await search({ text: 'zq' });
    expect(found.items).toHaveLength(50);
    expect(looked).toBeLessThanOrEqual(MOST_WALKED);
  });

  it('a word while there is no index of words', async () => {
    await system.query('BEGIN; DROP INDEX entry_log_words_idx');
    try {
      const { found, looked } = await search({ text: 'quasar' });
      expect(found.items).toHaveLength(50);
      expect(looked).toBeLessThanOrEqual(MOST_WALKED);
    } finally {
      await system.query('ROLLBACK');
    }
  });

  it('also far back', async () => {
    const { found: first } = await search({ action: 'run.start', limit: '200' });
    const cursor = Buffer.from(JSON.stringify(['300'])).toString('base64url');
    const { found, looked } = await search({ action: 'run.start', cursor });
    expect(found.items.every(({ id }) => Number(id) < Number(first.items.at(-1)?.id))).toBe(true);
    expect(found.items).toHaveLength(50);
    expect(looked).toBeLessThanOrEqual(MOST_LOOKED_AT);
  });
});
