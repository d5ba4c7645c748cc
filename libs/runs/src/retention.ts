import type { Pool } from 'pg';

const PREVIEW_DAYS = 1;
const DETAIL_DAYS = 30;

/** What {@link tidyRuns} deleted. */
export interface Tidied {
  readonly previews: number;
  readonly errors: number;
  readonly chunks: number;
}

/**
 * Deletes what nobody asks for any more: previews after a day, unless a run was started from them or a worker is still
 * counting; row by row errors and chunks of what ended 30 days ago. Runs, their figures and their errors by cause stay.
 * Safe to call at any time, from several workers.
 */
export async function tidyRuns(pool: Pool): Promise<Tidied> {
  return {
    previews: await countOf(pool, PREVIEWS, PREVIEW_DAYS),
    errors: await countOf(pool, ERRORS, DETAIL_DAYS),
    chunks: await countOf(pool, CHUNKS, DETAIL_DAYS),
  };
}

async function countOf(pool: Pool, statement: string, days: number): Promise<number> {
  const { rowCount } = await pool.query(statement, [days]);
  return rowCount ?? 0;
}

const PREVIEWS = `
DELETE FROM sync.runs p
WHERE p.is_preview AND p.created_at < clock_timestamp() - make_interval(days => $1)
  AND NOT EXISTS (SELECT FROM sync.runs r WHERE r.preview_id = p.id)
  AND NOT EXISTS (SELECT FROM sync.run_items i
    WHERE i.run_id = p.id AND i.state = 'running' AND i.lease_until >= clock_timestamp())`;

/** Of the whole run: a retry looks at all of its errors or at none. */
const OLD_ITEMS = `
SELECT i.id FROM sync.run_items i JOIN sync.runs r ON r.id = i.run_id
WHERE r.finished_at < clock_timestamp() - make_interval(days => $1)`;

const ERRORS = `DELETE FROM sync.run_errors WHERE item_id IN (${OLD_ITEMS})`;
const CHUNKS = `DELETE FROM sync.run_chunks WHERE item_id IN (${OLD_ITEMS})`;
