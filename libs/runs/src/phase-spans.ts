import type { Pool } from 'pg';
import type { RunPhase } from '@astro/contracts';
import type { PhaseSpan } from './phase-bands.js';

interface SpanRow {
  readonly data_set: string;
  readonly phase: RunPhase;
  readonly from_at: Date;
  readonly to_at: Date;
}

/** When each data set of a run was worked on, and in which phase; of each data set oldest first. */
export async function readPhaseSpans(db: Pool, runId: string): Promise<readonly PhaseSpan[]> {
  const { rows } = await db.query<SpanRow>(SPANS, [runId]);
  return rows.map((row) => ({
    dataSet: row.data_set,
    phase: row.phase,
    fromMs: row.from_at.getTime(),
    toMs: row.to_at.getTime(),
  }));
}

/**
 * From each sample to the next the item was in the phase of the first, unless a worker took it at the second. After the
 * last one it goes on while its worker is heard of; of one that fell silent it is known until what it told last.
 */
const SPANS = `
WITH samples AS (
  SELECT i.data_set, s.item_id, s.at, s.phase, i.state, i.lease_until, i.updated_at, lead(s.at) OVER w AS next_at,
    coalesce(lead(s.begins) OVER w, false) AS is_rest,
    s.begins OR s.phase IS DISTINCT FROM lag(s.phase) OVER w AS is_new
  FROM sync.run_samples s JOIN sync.run_items i ON i.id = s.item_id WHERE i.run_id = $1
  WINDOW w AS (PARTITION BY s.item_id ORDER BY s.at)),
pieces AS (
  SELECT item_id, data_set, phase, at, count(*) FILTER (WHERE is_new) OVER (PARTITION BY item_id ORDER BY at) AS span,
    CASE WHEN is_rest THEN at
      WHEN next_at IS NOT NULL THEN next_at
      WHEN state = 'running' AND lease_until >= clock_timestamp() THEN greatest(at, clock_timestamp())
      WHEN state IN ('running', 'paused') THEN greatest(at, updated_at)
      ELSE at END AS until
  FROM samples)
SELECT data_set, phase, min(at) AS from_at, max(until) AS to_at FROM pieces
WHERE phase NOT IN ('waiting', 'done') GROUP BY item_id, data_set, phase, span
HAVING max(until) > min(at) ORDER BY item_id, min(at)`;
