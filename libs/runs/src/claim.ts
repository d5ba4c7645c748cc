import type { ClientBase, Pool } from 'pg';
import type { RunMode, RunPhase, RunState } from '@astro/contracts';
import { DEFAULT_GUARD, runLimitsSchema, type RunLimits } from './guard.js';
import { NO_PACE, paceAtRest } from './pace.js';
import {
  ITEM_COLUMNS,
  countersOf,
  firstPhase,
  inTransaction,
  parseScope,
  takenPhase,
  type ItemCounters,
  type ItemRow,
  type ItemScope,
} from './rows.js';
import { sampleTaken } from './samples.js';
import { lockRun, settleRun } from './settle.js';

/** One data set of a run that a worker holds now. */
export interface ClaimedItem {
  readonly itemId: string;
  readonly runId: string;
  readonly dataSet: string;
  readonly mode: RunMode;
  /** Only count what the run would do, and `recordPreview`; the target is not touched. */
  readonly isPreview: boolean;
  readonly scope: ItemScope;
  readonly limits: RunLimits;
  readonly rateRowsPerS: number | null;
  /** `cancel`: somebody cancelled it while nobody held it; tidy up and finish it as cancelled. */
  readonly control: 'run' | 'cancel';
  /** 1 for the first worker; more when it is resumed or taken over. */
  readonly attempts: number;
  readonly phase: RunPhase;
  readonly counters: ItemCounters;
  readonly rowsTotal: number | null;
  /** What the worker before left by `progress`; null at the first time. */
  readonly stateData: unknown;
}

interface ClaimOptions {
  readonly worker: string;
  readonly dataSets: readonly string[];
  readonly limit: number;
  readonly leaseS: number;
}

/** Claims, and runs that are started, happen one at a time: who is first on a data set must be beyond doubt. */
export const RUNS_LOCK = `SELECT pg_advisory_xact_lock(hashtext('sync.runs'))`;

export async function claimItems(pool: Pool, options: ClaimOptions): Promise<readonly ClaimedItem[]> {
  const waiting = await pool.query(`SELECT 1 FROM (${CANDIDATES}) c LIMIT 1`, [options.dataSets]);
  const silent = await pool.query(`SELECT 1 FROM (${SILENT_WHILE_PAUSING}) s LIMIT 1`);
  if (waiting.rowCount === 0 && silent.rowCount === 0) return [];
  return inTransaction(pool, async (client) => {
    await client.query(RUNS_LOCK);
    await restSilent(client);
    const { rows } = await client.query<{ id: string; run_id: string }>(
      `SELECT id, run_id FROM (${CANDIDATES}) c ORDER BY run_id, id LIMIT $2`,
      [options.dataSets, options.limit],
    );
    const claimed: ClaimedItem[] = [];
    for (const row of rows) {
      const item = await claim(client, row, options);
      if (item) claimed.push(item);
    }
    return claimed;
  });
}

async function claim(
  client: ClientBase,
  { id, run_id: runId }: { id: string; run_id: string },
  { worker, dataSets, leaseS }: ClaimOptions,
): Promise<ClaimedItem | null> {
  const run = await lockRun(client, runId);
  if (!run) return null;
  const still = await client.query(`SELECT 1 FROM (${CANDIDATES}) c WHERE id = $2`, [dataSets, id]);
  if (still.rowCount === 0) return null; // a verb came between
  await sampleTaken(client, run, id);
  const { rows } = await client.query<ClaimedRow>(
    `UPDATE sync.run_items SET state = 'running', worker = $2,
       lease_until = clock_timestamp() + make_interval(secs => $3), attempts = attempts + 1,
       phase = ${takenPhase('$4')}, started_at = coalesce(started_at, clock_timestamp()), updated_at = clock_timestamp(), version = version + 1
     WHERE id = $1 RETURNING ${ITEM_COLUMNS}, scope, state_data`,
    [id, worker, leaseS, firstPhase(run)],
  );
  const item = rows[0];
  if (!item) return null;
  const state = await settleRun(client, run);
  return claimedItem(item, { ...run, state });
}

interface ClaimedRow extends ItemRow {
  readonly scope: unknown;
  readonly state_data: unknown;
}

function claimedItem(
  item: ClaimedRow,
  run: { mode: RunMode; state: RunState; removal_limit: unknown; rate_limit_rows_per_s: number | null },
): ClaimedItem {
  return {
    itemId: item.id,
    runId: item.run_id,
    dataSet: item.data_set,
    mode: run.mode,
    isPreview: item.is_preview,
    scope: parseScope(item.scope),
    limits: run.removal_limit === null ? UNCONFIRMED : runLimitsSchema.parse(run.removal_limit),
    rateRowsPerS: run.rate_limit_rows_per_s,
    control: run.state === 'cancelling' ? 'cancel' : 'run',
    attempts: item.attempts,
    phase: item.phase,
    counters: countersOf(item),
    rowsTotal: item.rows_total === null ? null : Number(item.rows_total),
    stateData: item.state_data,
  };
}

const UNCONFIRMED: RunLimits = { ...DEFAULT_GUARD, expected: null };

/** What a worker held that fell silent while its run was being paused simply rests. */
async function restSilent(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ run_id: string }>(SILENT_WHILE_PAUSING);
  for (const runId of new Set(rows.map((row) => row.run_id))) {
    const run = await lockRun(client, runId);
    if (run?.state !== 'pausing') continue;
    const items = await client.query<ItemRow>(
      `SELECT ${ITEM_COLUMNS} FROM sync.run_items WHERE run_id = $1 AND state = 'running' AND lease_until < clock_timestamp()`,
      [runId],
    );
    for (const item of items.rows) {
      await client.query(
        `UPDATE sync.run_items SET state = 'paused', worker = NULL, lease_until = NULL, rate_rows_per_s = NULL,
           pace = $2, version = version + 1 WHERE id = $1`,
        [item.id, paceAtRest(item.pace ?? NO_PACE)],
      );
    }
    await settleRun(client, run);
  }
}

const SILENT_WHILE_PAUSING = `
SELECT DISTINCT i.run_id FROM sync.run_items i JOIN sync.runs r ON r.id = i.run_id
WHERE i.state = 'running' AND i.lease_until < clock_timestamp() AND r.state = 'pausing'`;

/**
 * Items that may be taken: of several runs that want a data set, the one that was started first. Previews do not wait
 * for runs; of several of one data set one reads it at a time.
 */
const CANDIDATES = `
SELECT i.id, i.run_id FROM sync.run_items i JOIN sync.runs r ON r.id = i.run_id
WHERE i.data_set = ANY ($1) AND i.state IN ('waiting', 'running', 'paused') AND (
    i.state = 'waiting' AND r.state IN ('planning', 'queued', 'running', 'verifying', 'cancelling')
    OR i.state = 'paused' AND r.state IN ('running', 'verifying', 'cancelling')
    OR i.state = 'running' AND i.lease_until < clock_timestamp() AND r.state <> 'pausing')
  AND (i.is_preview AND NOT EXISTS (
        SELECT FROM sync.run_items p WHERE p.data_set = i.data_set AND p.is_preview AND p.id <> i.id
          AND p.state = 'running' AND p.lease_until >= clock_timestamp())
    OR NOT i.is_preview AND NOT EXISTS (
        SELECT FROM sync.run_items o WHERE o.data_set = i.data_set AND o.run_id < i.run_id AND NOT o.is_preview
          AND o.state IN ('waiting', 'running', 'paused'))
      AND NOT EXISTS (
        SELECT FROM sync.runs b WHERE b.id = r.queued_behind AND b.state NOT IN
          ('succeeded', 'succeeded_with_leftovers', 'failed', 'cancelled', 'stopped_by_guard')))`;
