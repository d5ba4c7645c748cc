/** Six days: half of 2 500 000 transactions on the last one, two changes each. Times are whole milliseconds, as in life. */
const FIRST_DAY = '2026-11-17';

const DECLARED = `
INSERT INTO sync.sources (name, history, slot, commit_lsn, safe_lsn, state)
VALUES ('operations', '7/1', 'astro', '0/0', '0/0', 'streaming');
INSERT INTO sync.ledger_tables (source_id, schema_name, table_name, key_columns)
SELECT 1, 'public', t, '{id}'
FROM unnest(ARRAY['launches', 'bookings', 'agencies', 'rockets', 'travelers', 'invoices', 'payments']) t;
INSERT INTO sync.ledger_lanes (name, data_set, source_id, target, job_type, state)
VALUES ('launches', 'launches', 1, 'cache', 'realtime', 'streaming'),
  ('bookings', 'bookings', 1, 'cache', 'realtime', 'streaming'),
  ('travelers', 'travelers', 1, 'system', 'realtime', 'streaming'),
  ('finance', 'finance', 1, 'system', 'batch', 'streaming');
INSERT INTO sync.lane_tables (lane_id, table_id, since_lsn)
VALUES (1, 1, '0/0'), (1, 2, '0/0'), (1, 3, '0/0'), (1, 4, '0/0'), (2, 2, '0/0'), (2, 5, '0/0'), (3, 5, '0/0'),
  (4, 6, '0/0'), (4, 7, '0/0')`;

const PARTITIONS = `
DO $$ BEGIN
  FOR d IN 0..5 LOOP
    EXECUTE (SELECT string_agg(format('CREATE TABLE sync.%I PARTITION OF sync.%I FOR VALUES FROM (%L) TO (%L)',
        p || to_char(date '${FIRST_DAY}' + d, '_YYYYMMDD'), p,
        (date '${FIRST_DAY}' + d)::timestamp AT TIME ZONE 'UTC', (date '${FIRST_DAY}' + d + 1)::timestamp AT TIME ZONE 'UTC'), ';')
      FROM unnest(ARRAY['ledger_changes', 'ledger_transactions']) p);
  END LOOP;
END $$`;

const PLAN = `
CREATE UNLOGGED TABLE plan AS
SELECT n, pg_lsn '1/0' + n * 400::numeric AS lsn, random() AS r, random() AS r2,
  timestamptz '${FIRST_DAY} 00:00Z' + CASE WHEN n <= 1250000 THEN n * interval '345 ms'
    ELSE interval '5 days' + (n - 1250000) * interval '40 ms' END AS at
FROM generate_series(1, 2500000) n`;

const TRANSACTIONS = `
INSERT INTO sync.ledger_transactions (source_id, commit_lsn, xid, committed_at, change_count, service, "user", action,
  correlation_id, observed_role, observed_application, observed_address, unattributed, created_at)
SELECT 1, lsn, n::text::xid, at - interval '5 ms', 2,
  CASE WHEN r < 0.03 THEN NULL WHEN r < 0.6 THEN 'BookingAPI' WHEN r < 0.85 THEN 'AgencyAPI'
    WHEN r < 0.9999 THEN 'FinanceAPI' ELSE 'NotifyAPI' END,
  CASE WHEN r >= 0.03 THEN 'u-' || (r2 * 20000)::int END,
  CASE WHEN r < 0.03 THEN NULL WHEN r < 0.6 THEN 'bookings.change' WHEN r < 0.85 THEN
    (ARRAY['launches.delay', 'launches.price'])[1 + n % 2] ELSE 'invoices.issue' END,
  CASE WHEN r >= 0.03 THEN 'c-' || n END, 'app_rw', 'svc', '127.0.0.1', r < 0.03, at
FROM plan ORDER BY plan.n`;

const CHANGES = `
INSERT INTO sync.ledger_changes (table_id, seq, commit_lsn, xid, op, bytes, created_at, key, before, after)
SELECT CASE WHEN r < 0.6 THEN 2 WHEN r < 0.85 THEN 1 + 2 * s WHEN r < 0.99 THEN 6 + s ELSE 5 END, s, lsn, n::text::xid,
  (CASE WHEN r2 < 0.3 THEN 'i' WHEN r2 < 0.99 THEN 'u' ELSE 'd' END)::"char", 400, at,
  CASE WHEN r < 0.6 THEN 'b-' || (r2 * 400000)::int WHEN r < 0.85 AND s = 0 THEN 'l-' || (r2 * 5000)::int
    WHEN r < 0.85 THEN 'a-' || (r2 * 300)::int WHEN r < 0.99 THEN 'i-' || (n + s) ELSE 't-' || (r2 * 100000)::int END,
  CASE WHEN r2 >= 0.3 THEN '{"id":"b-' || n || '","traveler_id":"t-1","launch_id":"l-1","total_price":"1200.00"}' END,
  CASE WHEN r2 < 0.99 THEN '{"id":"b-' || n || '","traveler_id":"t-1","launch_id":"l-1","total_price":"1250.00"}' END
FROM plan, generate_series(0, 1) s ORDER BY plan.n, s`;

const POSITIONS = `
UPDATE sync.sources SET commit_lsn = (SELECT max(lsn) FROM plan), safe_lsn = (SELECT max(lsn) FROM plan);
UPDATE sync.ledger_lanes SET applied_at = now(), position_seq = 1,
  position_lsn = (SELECT lsn FROM plan WHERE n = CASE WHEN name = 'finance' THEN 2490000 ELSE 2500000 END);
INSERT INTO sync.lane_batches (lane_id, to_lsn, to_seq, changes, executed_at)
SELECT l, lsn, 1, 20, at FROM plan, generate_series(1, 4) l WHERE n % 10 = 0;
INSERT INTO sync.lane_samples (lane_id, sampled_at, state, lag_ms, applied)
SELECT l, at, 'streaming', 100, 200
FROM generate_series(1, 4) l, generate_series(timestamptz '${FIRST_DAY} 00:00Z', timestamptz '2026-11-23 00:00Z', '10 s') at;
INSERT INTO sync.source_samples (source_id, sampled_at, changes, transactions, unattributed)
SELECT DISTINCT 1, sampled_at, 500, 250, 10 FROM sync.lane_samples`;

/** Statements that make the ledger, in order. */
export const FILL: readonly string[] = [
  DECLARED,
  PARTITIONS,
  PLAN,
  TRANSACTIONS,
  CHANGES,
  POSITIONS,
  'VACUUM ANALYZE sync.ledger_changes',
  'VACUUM ANALYZE sync.ledger_transactions',
  'VACUUM ANALYZE sync.lane_batches',
  'ANALYZE sync.lane_samples',
];
