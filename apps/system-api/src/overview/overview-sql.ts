import { type Pool } from 'pg';
import { type ActiveRun, type OutcomeHour, type ThroughputPoint, type TopOrigin } from '@astro/contracts';
import { type Buckets } from '../shared/buckets.js';
import { type TroubledRun } from './attention.js';

const MAX_RUNS = 50;
/** Only the newest transactions are looked at: counting all of a busy range takes too long for a first screen. */
const ORIGIN_TRANSACTIONS = 1_000;
const UNATTRIBUTED_TRANSACTIONS = 1_000;
const TOP_ORIGINS = 10;

/** Runs that have not ended. */
export async function readActiveRuns(db: Pool): Promise<ActiveRun[]> {
  const { rows } = await db.query<ActiveRunRow>(ACTIVE_RUNS);
  return rows.map((row) => ({
    id: row.id,
    mode: row.mode,
    state: row.state,
    dataSets: row.data_sets,
    startedBy: row.started_by,
    startedAt: row.started_at?.toISOString() ?? null,
    rowsApplied: row.rows_applied,
    rowsTotal: row.rows_total,
    percent: row.percent,
    rowsPerSecond: row.rate,
    updatedAt: row.updated_at?.toISOString() ?? null,
  }));
}

/** Runs of the range that ended badly, unless a later run of the same data sets went well. */
export async function readTroubledRuns(db: Pool, { from, to }: Buckets): Promise<TroubledRun[]> {
  const { rows } = await db.query<TroubledRow>(TROUBLED_RUNS, [from, to]);
  return rows.map(({ data_sets: dataSets, finished_at: finishedAt, ...row }) => ({
    ...row,
    dataSets,
    finishedAt: finishedAt?.toISOString() ?? null,
  }));
}

/** Changes captured and applied per second, by bucket; null where nobody reported. */
export async function readThroughput(db: Pool, { from, to, bucketS }: Buckets): Promise<ThroughputPoint[]> {
  const { rows } = await db.query<{ at: Date; captured: number | null; applied: number | null }>(THROUGHPUT, [
    from,
    to,
    bucketS,
  ]);
  return rows.map((row) => ({
    at: row.at.toISOString(),
    capturedPerSecond: row.captured,
    appliedPerSecond: row.applied,
  }));
}

/** Runs that ended, by the hour. */
export async function readOutcomes(db: Pool, { from, to }: Buckets): Promise<OutcomeHour[]> {
  const { rows } = await db.query<Omit<OutcomeHour, 'at'> & { at: Date }>(OUTCOMES, [from, to]);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Changes of the range that nobody claimed, as many as the list of changes has rows of them. */
export async function countUnattributed(db: Pool, { from, to }: Buckets): Promise<{ changes: number; exact: boolean }> {
  const { rows } = await db.query<{ changes: number; counted: number }>(UNATTRIBUTED, [from, to]);
  return { changes: rows[0]?.changes ?? 0, exact: (rows[0]?.counted ?? 0) < UNATTRIBUTED_TRANSACTIONS };
}

export interface TopOrigins {
  readonly origins: TopOrigin[];
  /** From when on they are counted: the start of the range, or later when it holds too much. */
  readonly since: string;
}

/** Who has written most, among the newest transactions of the range; counted as the list of changes has rows. */
export async function readTopOrigins(db: Pool, { from, to }: Buckets): Promise<TopOrigins> {
  const { rows } = await db.query<OriginRow>(TOP, [from, to]);
  const origins = rows.map(({ last_at: lastAt, oldest: _oldest, looked_at: _lookedAt, ...row }) => ({
    ...row,
    lastAt: lastAt.toISOString(),
  }));
  const [first] = rows;
  const isCut = first !== undefined && first.looked_at >= ORIGIN_TRANSACTIONS;
  return { origins, since: (isCut ? first.oldest : from).toISOString() };
}

interface OriginRow extends Omit<TopOrigin, 'lastAt'> {
  readonly last_at: Date;
  /** Of all transactions that were looked at. */
  readonly oldest: Date;
  readonly looked_at: number;
}

interface ActiveRunRow {
  readonly id: string;
  readonly mode: string;
  readonly state: string;
  readonly data_sets: string[];
  readonly started_by: string;
  readonly started_at: Date | null;
  readonly rows_applied: number;
  readonly rows_total: number | null;
  readonly percent: number | null;
  readonly rate: number | null;
  readonly updated_at: Date | null;
}

const ACTIVE_RUNS = `
SELECT r.id::text AS id, r.mode, r.state, r.data_sets, coalesce(r.initiator ->> 'name', 'unknown') AS started_by,
  r.started_at, r.percent, i.*
FROM sync.runs r
CROSS JOIN LATERAL (
  SELECT coalesce(sum(i.rows_applied), 0)::float8 AS rows_applied,
    CASE WHEN bool_and(i.rows_total IS NOT NULL) THEN sum(i.rows_total)::float8 END AS rows_total,
    sum(i.rate_rows_per_s) FILTER (WHERE i.state = 'running') AS rate, max(i.updated_at) AS updated_at
  FROM sync.run_items i WHERE i.run_id = r.id) i
WHERE NOT r.is_preview
  AND r.state IN ('planning', 'queued', 'running', 'pausing', 'paused', 'cancelling', 'verifying')
ORDER BY r.id LIMIT ${MAX_RUNS}`;

interface TroubledRow extends Omit<TroubledRun, 'dataSets' | 'finishedAt'> {
  readonly data_sets: string[];
  readonly finished_at: Date | null;
}

const TROUBLED_RUNS = `
SELECT r.id::text AS id, r.mode, r.state, r.state_reason AS reason, r.data_sets, r.finished_at
FROM sync.runs r
WHERE NOT r.is_preview AND r.state IN ('failed', 'stopped_by_guard', 'succeeded_with_leftovers')
  AND r.created_at >= $1::timestamptz - interval '1 day' AND r.finished_at >= $1 AND r.finished_at < $2
  AND NOT EXISTS (
    SELECT FROM sync.runs later
    WHERE later.id > r.id AND NOT later.is_preview AND later.state = 'succeeded' AND later.data_sets @> r.data_sets)
ORDER BY r.id DESC LIMIT ${MAX_RUNS}`;

const THROUGHPUT = `
SELECT b.at, c.captured, a.applied
FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 second', make_interval(secs => $3)) AS b (at)
LEFT JOIN (
  SELECT date_bin(make_interval(secs => $3), sampled_at, $1::timestamptz) AS at,
    sum(changes)::float8 / (10 * count(DISTINCT sampled_at) FILTER (WHERE changes IS NOT NULL)) AS captured
  FROM sync.source_samples WHERE sampled_at >= $1 AND sampled_at < $2 GROUP BY 1) c ON c.at = b.at
LEFT JOIN (
  SELECT date_bin(make_interval(secs => $3), sampled_at, $1::timestamptz) AS at,
    sum(applied)::float8 / (10 * count(DISTINCT sampled_at) FILTER (WHERE applied IS NOT NULL)) AS applied
  FROM sync.lane_samples
  WHERE lane_id IN (SELECT id FROM sync.ledger_lanes) AND sampled_at >= $1 AND sampled_at < $2 GROUP BY 1) a
  ON a.at = b.at
ORDER BY b.at`;

const OUTCOMES = `
SELECT h.at,
  count(*) FILTER (WHERE r.state = 'succeeded')::int AS succeeded,
  count(*) FILTER (WHERE r.state = 'succeeded_with_leftovers')::int AS "succeededWithLeftovers",
  count(*) FILTER (WHERE r.state = 'failed')::int AS failed,
  count(*) FILTER (WHERE r.state = 'cancelled')::int AS cancelled,
  count(*) FILTER (WHERE r.state = 'stopped_by_guard')::int AS "stoppedByGuard"
FROM generate_series(date_trunc('hour', $1::timestamptz), $2::timestamptz - interval '1 second', '1 hour') AS h (at)
LEFT JOIN sync.runs r ON NOT r.is_preview AND r.created_at >= $1::timestamptz - interval '1 day'
  AND r.finished_at >= h.at AND r.finished_at < h.at + interval '1 hour'
GROUP BY h.at ORDER BY h.at`;

/** How many changes of transactions `t` the list of changes has: a row for each data set that reads the table. */
const LISTED = `
JOIN sync.ledger_lanes l ON l.source_id = t.source_id
JOIN sync.lane_tables m ON m.lane_id = l.id AND m.since_lsn <= t.commit_lsn
CROSS JOIN LATERAL (
  SELECT count(*) AS changes FROM sync.ledger_changes c
  WHERE c.table_id = m.table_id AND c.commit_lsn = t.commit_lsn AND c.created_at = t.created_at) c`;

const UNATTRIBUTED = `
WITH t AS MATERIALIZED (
  SELECT source_id, commit_lsn, created_at FROM sync.ledger_transactions
  WHERE unattributed AND created_at >= $1 AND created_at < $2
  ORDER BY created_at DESC LIMIT ${UNATTRIBUTED_TRANSACTIONS})
SELECT (SELECT coalesce(sum(c.changes), 0)::float8 FROM t ${LISTED}) AS changes, (SELECT count(*)::int FROM t) AS counted`;

/** By position and not by time: that is the order of the index. */
const TOP = `
WITH t AS MATERIALIZED (
  SELECT t.* FROM sync.sources s CROSS JOIN LATERAL (
    SELECT source_id, commit_lsn, service, "user", unattributed, committed_at, created_at
    FROM sync.ledger_transactions t WHERE t.source_id = s.id AND t.created_at >= $1 AND t.created_at < $2
    ORDER BY t.commit_lsn DESC LIMIT ${ORIGIN_TRANSACTIONS}) t
  WHERE s.name = 'operations'),
edge AS (SELECT min(created_at) AS oldest, count(*)::int AS looked_at FROM t)
SELECT t.service, t."user", t.unattributed, count(DISTINCT t.commit_lsn)::int AS transactions,
  sum(c.changes)::float8 AS changes, max(t.committed_at) AS last_at, e.oldest, e.looked_at
FROM t ${LISTED} CROSS JOIN edge e
WHERE c.changes > 0
GROUP BY 1, 2, 3, 7, 8 ORDER BY changes DESC, transactions DESC LIMIT ${TOP_ORIGINS}`;
