import pg from 'pg';
import { auditQuerySchema } from '@astro/contracts';
import { indexAuditWords, systemDataSource } from '@astro/entities';
import { AuditReader } from '../audit/audit-reader.js';
import { type Connections } from '../shared/connections.js';
import { chosen, report, timed } from './search-bench-measure.js';

const ENTRIES = 1_000_000;
const LIMIT_MS = 1_000;
const FIRST_MONTH = '2026-08-01';

/** A million acts of 115 days: most of them frequent, some rare, and a word that only the older half knows. */
export const FILL_AUDIT: readonly string[] = [
  // As an update of the product finds a long trail: words are indexed afterwards.
  'DROP INDEX public.entry_log_words_idx, public.entry_log_initiator_words_idx',
  `INSERT INTO public.entry_log (action, entity_type, entity_id, "timestamp", details, initiator_kind, initiator_id,
     initiator_name, service, result, address, request_id, correlation_id)
   SELECT action, split_part(action, '.', 1), CASE WHEN r < 0.95 THEN (r2 * 50000)::int::text END,
     timestamptz '${FIRST_MONTH} 00:00Z' + n * interval '10 s',
     jsonb_build_object('dataSets', jsonb_build_array((ARRAY['bookings', 'launches', 'finance'])[1 + n % 3]),
       'reason', 'agreed with person ' || (r2 * 300)::int || ' in ticket ' || n,
       'event', CASE WHEN n < ${ENTRIES / 2} AND r2 < 0.4 THEN 'eclipse' WHEN n = 7 THEN 'unicorn' END),
     CASE WHEN r < 0.9 THEN 'user' ELSE 'api_key' END, (r2 * 400)::int::text,
     'person' || (r2 * 400)::int || '@example.org', CASE WHEN n % 9999 = 0 THEN 'sync-worker' ELSE 'system-api' END,
     CASE WHEN r < 0.97 THEN 'succeeded' WHEN r < 0.9999 THEN 'refused' ELSE 'failed' END, '10.0.0.1',
     md5(n::text), CASE WHEN r2 < 0.5 THEN 'c-' || n END
   FROM (SELECT n, random() AS r, random() AS r2 FROM generate_series(1, ${ENTRIES}) n) p,
   LATERAL (SELECT CASE WHEN r < 0.5 THEN 'auth.sign_in' WHEN r < 0.7 THEN 'audit.read' WHEN r < 0.9 THEN 'run.start'
     WHEN r < 0.9995 THEN 'run.preview' ELSE 'user.create' END AS action) a ORDER BY n`,
];

const at = (share: number) => new Date(Date.parse(FIRST_MONTH) + share * ENTRIES * 10_000);
const hourAt = (share: number) => ({
  from: at(share).toISOString(),
  to: new Date(at(share).getTime() + 3_600_000).toISOString(),
});

/** One search by each filter, where much and where little fits, and those that look back over much that does not. */
const SEARCHES: Readonly<Record<string, () => Record<string, string>>> = {
  newest: () => ({}),
  actor: () => ({ actor: `person${chosen(400)}@example.org` }),
  'actor by id': () => ({ actor: String(chosen(400)) }),
  'actor who never was': () => ({ actor: `nobody${chosen(400)}` }),
  service: () => ({ service: 'system-api' }),
  'a rare service': () => ({ service: 'sync-worker' }),
  'a service that never was': () => ({ service: 'nothing' }),
  action: () => ({ action: 'run.start' }),
  'actions of a kind': () => ({ action: 'run' }),
  'a rare action': () => ({ action: 'user.create' }),
  'an action that never was': () => ({ action: 'nothing' }),
  'entity type': () => ({ entityType: 'run' }),
  'an entity type that never was': () => ({ entityType: 'nothing' }),
  'entity id': () => ({ entityId: String(chosen(50_000)) }),
  'entity id that never was': () => ({ entityId: 'nothing' }),
  'type and id': () => ({ entityType: 'run', entityId: String(chosen(50_000)) }),
  refused: () => ({ result: 'refused' }),
  failed: () => ({ result: 'failed' }),
  'an hour': () => hourAt(Math.random()),
  'before a month': () => ({ to: at(0.2).toISOString() }),
  'after a time in the future': () => ({ from: at(2).toISOString() }),
  'correlation id': () => ({ correlationId: `c-${chosen(ENTRIES)}` }),
  'a word': () => ({ text: 'launches' }),
  'a rare word': () => ({ text: `ticket ${chosen(ENTRIES)}` }),
  'a word that only old entries hold': () => ({ text: 'eclipse' }),
  'a word of one entry': () => ({ text: 'unicorn' }),
  'a word that never was': () => ({ text: `nothing${chosen(1000)}` }),
  'word and action': () => ({ text: 'finance', action: 'run.preview' }),
  'word, actor and result': () => ({ text: 'ticket', actor: `person${chosen(400)}`, result: 'refused' }),
  'all filters': () => ({
    ...{ text: 'bookings', actor: 'person', result: 'succeeded', action: 'run', service: 'system-api' },
    ...{ entityType: 'run', from: at(0.1).toISOString(), to: at(0.9).toISOString() },
  }),
  'filters that nothing fits together': () => ({ action: 'user.create', service: 'sync-worker', result: 'failed' }),
};

/** Trigrams do not help here: every entry is read. */
const TWO_LETTERS = 'audit: two letters that never were, told only';

const DEEP = ['newest', 'action', 'a word', 'refused', 'word and action'] as const;
const PAGES = 200;

async function indexWords(url: string): Promise<void> {
  const dataSource = await systemDataSource({ connectionString: url }).initialize();
  await indexAuditWords(dataSource);
  await dataSource.query('VACUUM ANALYZE public.entry_log');
  await dataSource.destroy();
}

/** Searches of the audit trail, each on its first page, and some on pages far back. */
export async function measureAudit(url: string): Promise<void> {
  await indexWords(url);
  // As the API has it, whose searches end after 5 s.
  const searches = new pg.Pool({ connectionString: url, max: 4, options: '-c default_transaction_read_only=on' });
  searches.on('error', () => undefined); // its connections may outlive the server for a moment
  const reader = new AuditReader({ searches } as unknown as Connections);
  const ask = (given: Record<string, string>) => reader.page(auditQuerySchema.parse(given));
  for (const [name, make] of Object.entries(SEARCHES)) {
    report({ name: `audit: ${name}`, times: await timed(() => ask(make())), limitMs: LIMIT_MS });
  }
  report({ name: TWO_LETTERS, times: await timed(() => ask({ text: 'qx' })) });
  for (const name of DEEP) {
    let cursor: string | null = null;
    for (let page = 0; page < PAGES; page++) {
      const query: Record<string, string> = { ...SEARCHES[name]?.(), limit: '200', ...(cursor !== null && { cursor }) };
      cursor = (await ask(query)).nextCursor ?? cursor;
    }
    const deep = () => ask({ ...SEARCHES[name]?.(), ...(cursor !== null && { cursor }) });
    report({ name: `audit: ${name}, page ${PAGES}`, times: await timed(deep), limitMs: LIMIT_MS });
  }
  await searches.end();
}
