import type { ClientBase } from 'pg';
import type { RunState } from '@astro/contracts';
import { RUNS_CHANNEL } from './channel.js';
import { NO_PACE, paceAfter, paceAtRest, paceWhenDone, type Pace } from './pace.js';
import { ITEM_COLUMNS, countersOf, doneRows, type ItemRow, type RunRow } from './rows.js';
import { isEnded, settled } from './run-state.js';

/**
 * Locks a run. Every change of a run or of its items begins with this, so that changes of one run happen one after the
 * other and never wait for each other in a circle.
 */
export async function lockRun(client: ClientBase, runId: string): Promise<RunRow | null> {
  const { rows } = await client.query<RunRow>('SELECT * FROM sync.runs WHERE id = $1 FOR NO KEY UPDATE', [runId]);
  return rows[0] ?? null;
}

export async function itemsOf(client: ClientBase, runId: string): Promise<readonly ItemRow[]> {
  const { rows } = await client.query<ItemRow>(
    `SELECT ${ITEM_COLUMNS} FROM sync.run_items WHERE run_id = $1 ORDER BY id`,
    [runId],
  );
  return rows;
}

/** Tells every worker and whoever else listens, when the transaction commits. */
export async function notifyRun(client: ClientBase, runId: string): Promise<void> {
  await client.query('SELECT pg_notify($1, $2)', [RUNS_CHANNEL, runId]);
}

/** Rows done and to do of a whole run; the total is null until every open item knows its own. */
export function sumOf(run: Pick<RunRow, 'mode' | 'is_preview'>, items: readonly ItemRow[]) {
  let done = 0;
  let total: number | null = 0;
  for (const item of items) {
    const itemDone = doneRows(run.mode, run.is_preview, countersOf(item));
    const itemTotal = totalOf(item, itemDone);
    done += itemDone;
    total = total === null || itemTotal === null ? null : total + itemTotal;
  }
  return { done, total };
}

/** What has succeeded was as much as it turned out to be; of what ended otherwise the rest was not done. */
function totalOf({ state, rows_total: total }: ItemRow, done: number): number | null {
  if (state === 'succeeded') return done;
  if (total === null) return isEnded(state) ? done : null;
  return isEnded(state) ? Math.max(done, Number(total)) : Number(total);
}

/**
 * Brings state, percent and pace of a locked run in line with its items.
 * @param run as it was locked; `moved` to this state by a verb, if any
 */
export async function settleRun(client: ClientBase, run: RunRow, moved: RunState = run.state): Promise<RunState> {
  const items = await itemsOf(client, run.id);
  const state = settled(moved, items);
  const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const pace = nextPace({ ...run, state }, items, rows[0]?.now.getTime() ?? 0);
  const reasons = items.filter(({ state: end }) => end === state && end !== 'succeeded').map(({ message }) => message);
  const reason = isEnded(state) ? (reasons.find((message) => message !== null) ?? null) : run.state_reason;
  await client.query(
    `UPDATE sync.runs SET state = $2, pace = $3, percent = $4, state_reason = coalesce($5, state_reason),
       started_at = CASE WHEN $6 THEN coalesce(started_at, clock_timestamp()) ELSE started_at END,
       finished_at = CASE WHEN $7 THEN coalesce(finished_at, clock_timestamp()) END, version = version + 1
     WHERE id = $1`,
    [run.id, state, pace, pace.percent, reason, items.some((item) => item.started_at), isEnded(state)],
  );
  if (state !== run.state) await notifyRun(client, run.id);
  return state;
}

const WORKING: readonly RunState[] = ['planning', 'running', 'pausing', 'verifying', 'cancelling'];

function nextPace(run: RunRow, items: readonly ItemRow[], atMs: number): Pace {
  const before = run.pace ?? NO_PACE;
  if (['planned', 'succeeded', 'succeeded_with_leftovers'].includes(run.state)) return paceWhenDone(before);
  if (!WORKING.includes(run.state)) return paceAtRest(before);
  return paceAfter(before, { atMs, ...sumOf(run, items) });
}
