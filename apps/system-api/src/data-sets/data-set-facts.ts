import { type ClientBase, type Pool } from 'pg';

/** Everything SystemDB knows about one data set, as it was written down. */
export interface DataSetFacts {
  readonly lane_id: number;
  readonly name: string;
  readonly target: 'cache' | 'system';
  readonly job_type: 'realtime' | 'batch';
  readonly state: 'copying' | 'streaming' | 'needs_resync';
  readonly reason: string | null;
  readonly state_since: Date;
  readonly position_lsn: string | null;
  readonly position_seq: number | null;
  readonly applied_at: Date | null;
  readonly captured_lsn: string | null;
  readonly safe_lsn: string | null;
  /** What the worker says of the data set; null: nothing yet. */
  readonly reported_at: Date | null;
  /** The heartbeat: do changes of the source reach the ledger? */
  readonly capture_healthy: boolean | null;
  readonly capture_detail: string | null;
  readonly capture_at: Date | null;
  readonly definition: unknown;
  /** The oldest change that is not applied. */
  readonly pending_at: Date | null;
  readonly set_aside: number;
  readonly paused_at: Date | null;
  readonly paused_by: string | null;
  readonly paused_reason: string | null;
  /** When its schedule is due; in the past when nobody kept it. */
  readonly due_at: Date | null;
  readonly last_run: RunFacts | null;
  readonly now: Date;
}

export interface RunFacts {
  readonly id: string;
  readonly mode: string;
  readonly state: string;
  readonly started_by: string;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

/** @param name one data set, or null for all that are declared */
export async function readFacts(db: ClientBase | Pool, name: string | null = null): Promise<readonly DataSetFacts[]> {
  const { rows } = await db.query<DataSetFacts>(FACTS, [name]);
  return rows;
}

/** Rows that are counted; beyond them "at least" is said. */
export const COUNTED_ROWS = 10_000;

/** Changes of a lane that are not applied, up to {@link COUNTED_ROWS} of each table. */
export async function countPending(db: ClientBase | Pool, laneId: number): Promise<{ rows: number; exact: boolean }> {
  const { rows } = await db.query<{ rows: number; exact: boolean }>(PENDING, [laneId]);
  return rows[0] ?? { rows: 0, exact: true };
}

export const RUN_COLUMNS = `r.id::text AS id, r.mode, r.state, coalesce(r.initiator ->> 'name', 'unknown') AS started_by,
  r.created_at, r.started_at, r.finished_at`;

const FACTS = `
SELECT l.id AS lane_id, l.data_set AS name, l.target, l.job_type, l.state, l.reason, l.state_since,
  l.position_lsn, l.position_seq, l.applied_at, s.commit_lsn AS captured_lsn, s.safe_lsn,
  c.checked_at AS reported_at, h.healthy AS capture_healthy, h.detail AS capture_detail, h.checked_at AS capture_at,
  d.definition, p.created_at AS pending_at,
  (SELECT count(DISTINCT (f.table_id, f.key))::int FROM sync.lane_failures f
    WHERE f.lane_id = l.id AND f.status = 'failed') AS set_aside,
  t.paused_at, t.paused_by ->> 'name' AS paused_by, t.paused_reason, t.next_at AS due_at,
  row_to_json(r) AS last_run, clock_timestamp() AS now
FROM sync.ledger_lanes l
JOIN sync.sources s ON s.id = l.source_id
LEFT JOIN sync.components c ON c.name = 'data set ' || l.name
LEFT JOIN sync.components h ON h.name = 'heartbeat'
LEFT JOIN sync.data_set_definitions d ON d.name = l.data_set
LEFT JOIN sync.schedules t ON t.data_set = l.data_set AND t.active
LEFT JOIN LATERAL (
  SELECT min(c.created_at) AS created_at FROM sync.lane_tables m CROSS JOIN LATERAL (
    SELECT c.created_at FROM sync.ledger_changes c
    WHERE c.table_id = m.table_id AND c.commit_lsn >= m.since_lsn
      AND (c.commit_lsn, c.seq) > (l.position_lsn, l.position_seq)
    ORDER BY c.commit_lsn, c.seq LIMIT 1) c
  WHERE m.lane_id = l.id) p ON true
LEFT JOIN LATERAL (
  SELECT ${RUN_COLUMNS} FROM sync.runs r
  WHERE r.data_sets @> ARRAY[l.data_set] AND NOT r.is_preview ORDER BY r.id DESC LIMIT 1) r ON true
WHERE l.active AND ($1::text IS NULL OR l.data_set = $1)
ORDER BY l.data_set`;

const PENDING = `
SELECT coalesce(sum(n), 0)::int AS rows, coalesce(bool_and(n < ${COUNTED_ROWS}), true) AS exact
FROM sync.ledger_lanes l JOIN sync.lane_tables m ON m.lane_id = l.id
CROSS JOIN LATERAL (SELECT count(*) AS n FROM (
  SELECT FROM sync.ledger_changes c
  WHERE c.table_id = m.table_id AND c.commit_lsn >= m.since_lsn
    AND (c.commit_lsn, c.seq) > (l.position_lsn, l.position_seq)
  ORDER BY c.commit_lsn, c.seq LIMIT ${COUNTED_ROWS}) one) counted
WHERE l.id = $1`;
