import { type Pool } from 'pg';
import { type SetAsideKey } from '@astro/contracts';
import { RUN_COLUMNS, type DataSetFacts, type RunFacts } from './data-set-facts.js';

const LISTED = 20;

export interface Details {
  readonly setAside: SetAsideKey[];
  readonly runs: readonly RunFacts[];
}

/** The latest keys that were set aside, and the latest runs. */
export async function readDetails(db: Pool, { lane_id: laneId, name }: DataSetFacts): Promise<Details> {
  const [failures, runs] = await Promise.all([
    db.query<FailureRow>(SET_ASIDE, [laneId]),
    db.query<RunFacts>(
      `SELECT ${RUN_COLUMNS} FROM sync.runs r
       WHERE r.data_sets @> ARRAY[$1] AND NOT r.is_preview ORDER BY r.id DESC LIMIT ${LISTED}`,
      [name],
    ),
  ]);
  const setAside = failures.rows.map(({ first_at: firstAt, last_at: lastAt, ...rest }) => ({
    ...rest,
    firstAt: firstAt.toISOString(),
    lastAt: lastAt.toISOString(),
  }));
  return { setAside, runs: runs.rows };
}

interface FailureRow extends Omit<SetAsideKey, 'firstAt' | 'lastAt'> {
  readonly first_at: Date;
  readonly last_at: Date;
}

/** A key that failed with several changes is one line: with its latest error, and all of its tries. */
const SET_ASIDE = `
SELECT t.schema_name || '.' || t.table_name AS table, f.key, f.code, f.message, f.attempts, f.first_at, f.last_at
FROM (
  SELECT DISTINCT ON (table_id, key) table_id, key, code, message, last_at,
    (sum(attempts) OVER every)::int AS attempts, min(first_at) OVER every AS first_at
  FROM sync.lane_failures WHERE lane_id = $1 AND status = 'failed'
  WINDOW every AS (PARTITION BY table_id, key)
  ORDER BY table_id, key, last_at DESC) f
JOIN sync.ledger_tables t ON t.id = f.table_id
ORDER BY f.last_at DESC LIMIT ${LISTED}`;
