import type { ClientBase } from 'pg';
import type { RunInitiator, RunMode, RunOptions } from '@astro/contracts';
import { runLimitsSchema } from './guard.js';
import { KEPT_ERRORS } from './error-rows.js';
import { parseScope, type ItemScope } from './rows.js';
import { moveOf } from './run-state.js';
import { createRun, type Created } from './run-desk.js';
import { lockRun } from './settle.js';

export type Retried =
  (Created & { readonly dataSets: readonly string[] }) | { readonly kind: 'refused'; readonly reason: string };

/**
 * Starts a new run of what failed in an ended one, in the caller's transaction: of a data set that was done but for
 * some rows only these rows, of one that failed all that it was asked for. Null: no such run.
 */
export async function retryRun(client: ClientBase, runId: string, initiator: RunInitiator): Promise<Retried | null> {
  const run = await lockRun(client, runId);
  if (!run || run.is_preview) return null;
  const move = moveOf(run.state, 'retry');
  if (move.kind === 'refused') return move;
  const { rows } = await client.query<FailedRow>(
    `SELECT id, data_set, state, scope FROM sync.run_items
     WHERE run_id = $1 AND state IN ('failed', 'succeeded_with_leftovers') ORDER BY id`,
    [runId],
  );
  const scopes = new Map<string, ItemScope>();
  for (const row of rows) scopes.set(row.data_set, await scopeOf(client, run.mode, row));
  // Somebody may have changed the rate that it was started with.
  const rateLimitRowsPerS = run.rate_limit_rows_per_s;
  const options: RunOptions = { ...(rateLimitRowsPerS !== null && { rateLimitRowsPerS }) };
  const dataSets = rows.map((row) => row.data_set);
  const created = await createRun(client, {
    ...{ mode: run.mode, dataSets, options, initiator, retryOf: runId, scopes, whenBusy: 'refuse' },
    // What the preview told was about the whole; the new run may remove what needs no confirmation.
    ...(run.removal_limit !== null && { limits: { ...runLimitsSchema.parse(run.removal_limit), expected: null } }),
  });
  return { ...created, dataSets };
}

interface FailedRow {
  readonly id: string;
  readonly data_set: string;
  readonly state: string;
  readonly scope: unknown;
}

async function scopeOf(client: ClientBase, mode: RunMode, row: FailedRow): Promise<ItemScope> {
  const whole = parseScope(row.scope);
  if (row.state !== 'succeeded_with_leftovers' || mode === 'incremental') return whole;
  const { rows } = await client.query<{ counted: string; tables: string[] | null; keys: string[] | null }>(
    `SELECT (SELECT coalesce(sum(g.rows), 0) FROM sync.run_error_groups g WHERE g.item_id = $1) AS counted,
       array_agg(DISTINCT entity_type) AS tables, array_agg(DISTINCT entity_id) AS keys
     FROM sync.run_errors WHERE item_id = $1`,
    [row.id],
  );
  const { counted, tables, keys } = rows[0] ?? { counted: '0', tables: null, keys: null };
  const table = tables?.[0];
  const isAllKept = Number(counted) <= KEPT_ERRORS;
  return isAllKept && keys && table !== undefined && tables?.length === 1 ? { table, keys } : whole;
}
