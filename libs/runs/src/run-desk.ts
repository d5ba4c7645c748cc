import type { ClientBase } from 'pg';
import type { RunInitiator, RunMode, RunOptions, RunState, RunVerb } from '@astro/contracts';
import { RUNS_LOCK } from './claim.js';
import type { RunLimits } from './guard.js';
import type { ItemScope, RunRow } from './rows.js';
import { moveOf, type Move } from './run-state.js';
import { lockRun, notifyRun, settleRun } from './settle.js';

export interface NewRun {
  readonly isPreview?: boolean;
  readonly mode: RunMode;
  /** At least one, each once. */
  readonly dataSets: readonly string[];
  readonly options: RunOptions;
  readonly initiator: RunInitiator;
  /** When a data set has a run already. Previews are never in the way and never wait. */
  readonly whenBusy: 'refuse' | 'queue';
  readonly limits?: RunLimits;
  readonly previewId?: string;
  readonly retryOf?: string;
  /** What a preview asks for when it would remove much. */
  readonly confirmation?: string;
  /** By data set, where it is not what the options say. */
  readonly scopes?: ReadonlyMap<string, ItemScope>;
}

/** A run that stands in the way. */
export interface RunInTheWay {
  readonly runId: string;
  readonly dataSet: string;
  readonly state: RunState;
  readonly mode: RunMode;
  readonly initiator: RunInitiator;
}

export type Created =
  | { readonly kind: 'created'; readonly runId: string; readonly queuedBehind: string | null }
  | { readonly kind: 'busy'; readonly inTheWay: readonly RunInTheWay[] };

/**
 * Starts a run, in the caller's transaction. Of two that are started at the same moment the second sees the first.
 * Workers learn of it when the transaction commits.
 */
export async function createRun(client: ClientBase, run: NewRun): Promise<Created> {
  await client.query(RUNS_LOCK);
  const inTheWay = run.isPreview ? [] : await runsInTheWay(client, run.dataSets);
  if (inTheWay.length > 0 && run.whenBusy === 'refuse') return { kind: 'busy', inTheWay };
  const queuedBehind = inTheWay.map(({ runId }) => BigInt(runId)).reduce((a, b) => (a > b ? a : b), 0n);
  const behind = queuedBehind === 0n ? null : String(queuedBehind);
  const runId = await insertRun(client, run, behind);
  const { table, keys, filter } = run.options;
  const common: ItemScope = { table, keys, filter };
  const items = run.dataSets.map((name) => ({ data_set: name, scope: run.scopes?.get(name) ?? common }));
  await client.query(
    `INSERT INTO sync.run_items (run_id, is_preview, data_set, scope)
     SELECT $1, $2, data_set, scope FROM jsonb_to_recordset($3::jsonb) AS i (data_set text, scope jsonb)`,
    [runId, run.isPreview ?? false, JSON.stringify(items)],
  );
  await notifyRun(client, runId);
  return { kind: 'created', runId, queuedBehind: behind };
}

/** Runs that have not ended with one of these data sets, oldest first; previews are left out. */
export async function runsInTheWay(
  client: ClientBase,
  dataSets: readonly string[],
  except: string | null = null,
): Promise<readonly RunInTheWay[]> {
  const { rows } = await client.query<RunInTheWay>(
    `SELECT r.id AS "runId", i.data_set AS "dataSet", r.state, r.mode, r.initiator
     FROM sync.run_items i JOIN sync.runs r ON r.id = i.run_id
     WHERE i.data_set = ANY ($1) AND i.state IN ('waiting', 'running', 'paused') AND NOT i.is_preview
       AND r.id IS DISTINCT FROM $2
     ORDER BY r.id, i.data_set`,
    [dataSets, except],
  );
  return rows;
}

async function insertRun(client: ClientBase, run: NewRun, queuedBehind: string | null): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO sync.runs (is_preview, mode, data_sets, options, state, initiator, preview_id, removal_limit,
       queued_behind, retry_of, rate_limit_rows_per_s, confirmation)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`,
    [
      ...[run.isPreview ?? false, run.mode, run.dataSets, run.options, run.isPreview ? 'planning' : 'queued'],
      ...[run.initiator, run.previewId ?? null, run.limits ?? null, queuedBehind, run.retryOf ?? null],
      ...[run.options.rateLimitRowsPerS ?? null, run.confirmation ?? null],
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('SystemDB gave the new run no id');
  return id;
}

export interface Steered {
  readonly move: Move;
  readonly before: RunState;
  readonly after: RunState;
  readonly dataSets: readonly string[];
}

export type SteeringVerb = Exclude<RunVerb, 'retry'>;

const SAID: Readonly<Record<SteeringVerb, string | null>> = {
  pause: 'Paused by',
  resume: null,
  cancel: 'Cancelled by',
};

export interface Steering {
  readonly verb: SteeringVerb;
  readonly by: RunInitiator;
  /** A preview is meant; default: a run. */
  readonly isPreview?: boolean;
}

/** Does what a person asks of a run, in the caller's transaction; the same again changes nothing. Null: no such run. */
export async function steerRun(
  client: ClientBase,
  runId: string,
  { verb, by, isPreview = false }: Steering,
): Promise<Steered | null> {
  const run = await lockRun(client, runId);
  if (run?.is_preview !== isPreview) return null;
  const move = moveOf(run.state, verb);
  const facts = { move, before: run.state, dataSets: run.data_sets };
  if (move.kind !== 'to') return { ...facts, after: run.state };
  const reason = SAID[verb] === null ? null : `${SAID[verb]} ${by.name}.`;
  await client.query('UPDATE sync.runs SET state_reason = $2 WHERE id = $1', [runId, reason]);
  if (verb === 'cancel') await cancelIdle(client, run);
  const after = await settleRun(client, { ...run, state_reason: reason }, move.state);
  await notifyRun(client, runId);
  return { ...facts, after };
}

/** What no worker has begun ends at once; what one has begun is tidied up by a worker. Of a preview nothing is left. */
async function cancelIdle(client: ClientBase, run: RunRow): Promise<void> {
  await client.query(
    `UPDATE sync.run_items SET state = 'cancelled', worker = NULL, lease_until = NULL, finished_at = clock_timestamp(),
       updated_at = clock_timestamp(), version = version + 1
     WHERE run_id = $1 AND (state = 'waiting' OR is_preview AND state IN ('running', 'paused'))`,
    [run.id],
  );
}

export interface RateChange {
  readonly before: number | null;
  readonly state: RunState;
  readonly dataSets: readonly string[];
}

/** Workers follow within a few seconds. Null: no such run; `state` says when it has ended and nothing was changed. */
export async function changeRate(
  client: ClientBase,
  runId: string,
  { rowsPerS, unless }: { rowsPerS: number | null; unless: (state: RunState) => boolean },
): Promise<RateChange | null> {
  const run = await lockRun(client, runId);
  if (!run || run.is_preview) return null;
  const change = { before: run.rate_limit_rows_per_s, state: run.state, dataSets: run.data_sets };
  if (unless(run.state) || change.before === rowsPerS) return change;
  await client.query('UPDATE sync.runs SET rate_limit_rows_per_s = $2, version = version + 1 WHERE id = $1', [
    runId,
    rowsPerS,
  ]);
  await notifyRun(client, runId);
  return change;
}
