import { type ChangeStatus } from '@astro/contracts';
import { type LaneTable, type LedgerLane } from './ledger-lanes.js';

/** A place in the order of a list of changes: commit position, order in the transaction, lane. Newest is greatest. */
export interface ChangePlace {
  readonly lsn: string;
  readonly seq: number;
  readonly lane: number;
}

/** What changes must fit, after names have been looked up. */
export interface LedgerFilter {
  readonly lanes: readonly LedgerLane[];
  /** Null: every table of the lanes. */
  readonly tableId: number | null;
  readonly key: string | null;
  /** With a key: also what emptied its table, which the ledger keeps under no key. */
  readonly withTruncates: boolean;
  /** The letter in the ledger. */
  readonly op: string | null;
  readonly status: ChangeStatus | null;
  readonly service: string | null;
  readonly user: string | null;
  /** Only what no user is named for. */
  readonly withoutUser: boolean;
  readonly action: string | null;
  readonly correlationId: string | null;
  readonly unattributed: boolean;
  /** The row image before or after holds one of these texts, exactly as it stands there; null: any image. */
  readonly contains: readonly string[] | null;
}

/** The part of the ledger that one statement looks at. */
export interface LedgerWindow {
  /** Inclusive, by the time of storing. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** Only what comes before this place; null: all. */
  readonly before: ChangePlace | null;
  /** Only what comes after this place; null: all. */
  readonly after: ChangePlace | null;
  readonly limit: number;
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Gives out `$1`, `$2`, … for values. */
class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }
}

/** Larger rows are not read for a list: their changed fields stay unknown there. */
const MAX_LISTED_BYTES = 64 * 1024;

const COLUMNS = `c.id, c.table_id, c.commit_lsn, c.seq, c.op, c.key, c.old_key, c.unchanged, c.created_at,
  CASE WHEN c.bytes <= ${MAX_LISTED_BYTES} THEN c.before END AS before,
  CASE WHEN c.bytes <= ${MAX_LISTED_BYTES} THEN c.after END AS after`;

/** The newest changes of a window that fit the filter, in descending order of their places. */
export function searchStatement(filter: LedgerFilter, window: LedgerWindow): Statement {
  const values = new Values();
  const candidates = candidatesSql(filter, window, values);
  const limit = values.add(window.limit);
  const text = `WITH page AS MATERIALIZED (${candidates} ORDER BY commit_lsn DESC, seq DESC, lane_id DESC LIMIT ${limit})
    ${detailsSql('page')} ORDER BY p.commit_lsn DESC, p.seq DESC, p.lane_id DESC`;
  return { text, values: values.list };
}

/** One row of `job_queue` by its id. */
export function changeStatement(changeId: string, laneId: number): Statement {
  const one = `SELECT c.id, c.table_id, c.commit_lsn, c.seq, c.op, c.key, c.old_key, c.unchanged, c.created_at,
    c.before, c.after, m.lane_id FROM sync.ledger_changes c
    JOIN sync.lane_tables m ON m.table_id = c.table_id AND m.lane_id = $2 AND c.commit_lsn >= m.since_lsn
    WHERE c.id = $1 LIMIT 1`;
  return { text: `WITH page AS MATERIALIZED (${one}) ${detailsSql('page')}`, values: [changeId, laneId] };
}

/** Changes with their origin, status and time of execution: what `job_queue` says, for few rows. */
function detailsSql(page: string): string {
  return `SELECT p.id * 4096 + p.lane_id AS id, p.lane_id, l.data_set, l.job_type,
    d.schema_name || '.' || d.table_name AS entity_type, p.key, p.old_key, p.op, p.unchanged, p.before, p.after,
    coalesce(f.status, CASE WHEN (p.commit_lsn, p.seq) <= (l.position_lsn, l.position_seq)
      THEN 'completed' ELSE 'pending' END) AS status,
    p.created_at, t.committed_at, coalesce(f.last_at, b.executed_at) AS executed_at, p.commit_lsn, p.seq,
    t.service, t."user", t.action, t.reason, t.correlation_id, t.observed_role, t.observed_application,
    t.observed_address, t.unattributed, t.xid::text AS xid, t.change_count, s.history,
    f.code AS error_code, f.message AS error_message
    FROM ${page} p
    JOIN sync.ledger_lanes l ON l.id = p.lane_id
    JOIN sync.ledger_tables d ON d.id = p.table_id
    JOIN sync.sources s ON s.id = d.source_id
    JOIN sync.ledger_transactions t
      ON t.source_id = d.source_id AND t.commit_lsn = p.commit_lsn AND t.created_at = p.created_at
    LEFT JOIN sync.lane_failures f ON f.lane_id = p.lane_id AND f.table_id = p.table_id AND f.key = p.key
      AND f.commit_lsn = p.commit_lsn AND f.seq = p.seq
    LEFT JOIN LATERAL (
      SELECT b.executed_at FROM sync.lane_batches b
      WHERE b.lane_id = p.lane_id AND (b.to_lsn, b.to_seq) >= (p.commit_lsn, p.seq)
      ORDER BY b.to_lsn, b.to_seq LIMIT 1) b ON true`;
}

/** True when a search walks back the index of positions, instead of finding rows by key, origin or failure. */
export function walksBack(filter: LedgerFilter): boolean {
  return filter.status !== 'failed' && filter.status !== 'skipped' && filter.key === null && !hasOrigin(filter);
}

function candidatesSql(filter: LedgerFilter, window: LedgerWindow, values: Values): string {
  if (filter.status === 'failed' || filter.status === 'skipped') return failuresSql(filter, window, values);
  return walksBack(filter) ? walkSql(filter, window, values) : matchesSql(filter, window, values);
}

function hasOrigin({ service, user, withoutUser, action, correlationId, unattributed }: LedgerFilter): boolean {
  return withoutUser || unattributed || [service, user, action, correlationId].some((value) => value !== null);
}

interface Branch {
  readonly lane: LedgerLane;
  readonly table: LaneTable;
}

function branchesOf({ lanes, tableId }: LedgerFilter): readonly Branch[] {
  return lanes.flatMap((lane) =>
    lane.tables.filter((table) => tableId === null || table.tableId === tableId).map((table) => ({ lane, table })),
  );
}

/** Walks back each table's own index, once per lane that reads it, and merges. */
function walkSql(filter: LedgerFilter, window: LedgerWindow, values: Values): string {
  const limit = values.add(window.limit);
  const shared = [...windowSql(window, values), ...rowSql(filter, values)];
  const parts = branchesOf(filter).map(({ lane, table }) => {
    const own = [`c.table_id = ${table.tableId}`, ...laneSql(filter, { lane, table }, { window, values })];
    return `(SELECT ${COLUMNS}, ${lane.id} AS lane_id FROM sync.ledger_changes c
      WHERE ${[...own, ...shared].join(' AND ')} ORDER BY c.commit_lsn DESC, c.seq DESC LIMIT ${limit})`;
  });
  return parts.length > 0 ? `SELECT * FROM (${parts.join(' UNION ALL ')}) c` : NOTHING;
}

/**
 * Finds rows by key or origin through the BRIN indexes. `+ 0` keeps the planner from combining them with the index by
 * table, which would be read whole.
 */
function matchesSql(filter: LedgerFilter, window: LedgerWindow, values: Values): string {
  const branches = branchesOf(filter);
  if (branches.length === 0) return NOTHING;
  const conditions = [...windowSql(window, values), ...rowSql(filter, values)];
  const tables = values.add([...new Set(branches.map(({ table }) => table.tableId))]);
  if (filter.key !== null) {
    const key = values.add(filter.key);
    const emptied = filter.withTruncates ? ` OR c.key = '' AND c.op = 't'` : '';
    conditions.push(`(c.key = ${key} OR c.old_key = ${key}${emptied})`, `c.table_id + 0 = ANY (${tables}::int[])`);
  } else {
    conditions.push(`c.table_id = ANY (${tables}::int[])`);
  }
  const fan = branches
    .map((branch) => {
      const own = laneSql(filter, branch, { window, values });
      const condition = [`c.table_id = ${branch.table.tableId}`, ...own].join(' AND ');
      return `SELECT ${branch.lane.id} AS lane_id WHERE ${condition}`;
    })
    .join(' UNION ALL ');
  return `SELECT c.*, m.lane_id FROM (
      SELECT ${COLUMNS} FROM sync.ledger_changes c ${originSql(filter, window, values)} WHERE ${conditions.join(' AND ')}) c
    CROSS JOIN LATERAL (${fan}) m`;
}

/** Keys that were set aside are few: they lead to their changes. */
function failuresSql(filter: LedgerFilter, window: LedgerWindow, values: Values): string {
  const branches = branchesOf(filter);
  if (branches.length === 0) return NOTHING;
  const status = values.add(filter.status);
  const conditions = [`f.status = ${status}`, ...windowSql(window, values), ...rowSql(filter, values)];
  if (filter.key !== null) conditions.push(`f.key = ${values.add(filter.key)}`);
  const lanes = branches.map((branch) => {
    const own = laneSql({ ...filter, status: null }, branch, { window, values });
    return [`f.lane_id = ${branch.lane.id}`, `f.table_id = ${branch.table.tableId}`, ...own].join(' AND ');
  });
  return `SELECT ${COLUMNS}, f.lane_id FROM sync.lane_failures f
    JOIN sync.ledger_changes c ON c.table_id = f.table_id AND c.commit_lsn = f.commit_lsn AND c.seq = f.seq
    ${originSql(filter, window, values)}
    WHERE ${conditions.join(' AND ')} AND (${lanes.map((lane) => `(${lane})`).join(' OR ')})`;
}

const NOTHING = `SELECT ${COLUMNS}, 0 AS lane_id FROM sync.ledger_changes c WHERE false`;

function windowSql({ from, to }: LedgerWindow, values: Values): string[] {
  return [`c.created_at >= ${values.add(from)}`, `c.created_at < ${values.add(to)}`];
}

function rowSql({ op, contains }: LedgerFilter, values: Values): string[] {
  const conditions: string[] = [];
  if (op !== null) conditions.push(`c.op = ${values.add(op)}::"char"`);
  if (contains !== null) {
    const texts = values.add(contains);
    conditions.push(`EXISTS (SELECT FROM unnest(${texts}::text[]) AS p (text)
      WHERE strpos(c.after, p.text) > 0 OR strpos(c.before, p.text) > 0)`);
  }
  return conditions;
}

/** The transactions of the window that fit, joined to their changes; nothing when the origin does not matter. */
function originSql(filter: LedgerFilter, { from, to }: LedgerWindow, values: Values): string {
  if (!hasOrigin(filter)) return '';
  const wanted: string[] = [];
  if (filter.service !== null) wanted.push(`t.service = ${values.add(filter.service)}`);
  if (filter.user !== null) wanted.push(`t."user" = ${values.add(filter.user)}`);
  if (filter.withoutUser) wanted.push('t."user" IS NULL');
  if (filter.action !== null) wanted.push(`t.action = ${values.add(filter.action)}`);
  if (filter.correlationId !== null) wanted.push(`t.correlation_id = ${values.add(filter.correlationId)}`);
  if (filter.unattributed) wanted.push('t.unattributed');
  const sources = values.add([...new Set(filter.lanes.map(({ sourceId }) => sourceId))]);
  return `JOIN sync.ledger_transactions t ON t.commit_lsn = c.commit_lsn AND t.created_at = c.created_at
    AND t.source_id + 0 = ANY (${sources}::int[]) AND t.created_at >= ${values.add(from)}
    AND t.created_at < ${values.add(to)} AND ${wanted.join(' AND ')}`;
}

/** What is the lane's, lies between the two places, and has the status. */
function laneSql(
  { status }: LedgerFilter,
  { lane, table }: Branch,
  { window, values }: { readonly window: LedgerWindow; readonly values: Values },
): string[] {
  const place = (lsn: string, seq: number) => `(${values.add(lsn)}::pg_lsn, ${values.add(seq)}::int)`;
  const conditions = [`c.commit_lsn >= ${values.add(table.sinceLsn)}::pg_lsn`];
  const { before, after } = window;
  if (before)
    conditions.push(`(c.commit_lsn, c.seq) ${lane.id < before.lane ? '<=' : '<'} ${place(before.lsn, before.seq)}`);
  if (after)
    conditions.push(`(c.commit_lsn, c.seq) ${lane.id > after.lane ? '>=' : '>'} ${place(after.lsn, after.seq)}`);
  if (status === null) return conditions;
  const position = place(lane.positionLsn ?? '0/0', lane.positionSeq ?? -1);
  if (status === 'pending') return [...conditions, `(c.commit_lsn, c.seq) > ${position}`];
  conditions.push(
    `(c.commit_lsn, c.seq) <= ${position}`,
    `NOT EXISTS (SELECT FROM sync.lane_failures f WHERE f.lane_id = ${lane.id} AND f.table_id = c.table_id
      AND f.key = c.key AND f.commit_lsn = c.commit_lsn AND f.seq = c.seq AND f.status <> 'completed')`,
  );
  return conditions;
}
