import type { ClientBase, Pool } from 'pg';
import {
  RUN_PHASES,
  RUN_VERBS,
  runInitiatorSchema,
  runOptionsSchema,
  type Permission,
  type RunItem,
  type RunMode,
  type RunPhase,
  type RunProgress,
  type RunState,
  type RunSummary,
  type RunVerb,
} from '@astro/contracts';
import { NO_PACE, etaOf, type EtaQuestion, type Pace } from './pace.js';
import { COUNTERS, ITEM_COLUMNS, countersOf, doneRows, type ItemCounters, type ItemRow, type RunRow } from './rows.js';
import { isEnded, moveOf } from './run-state.js';
import { sumOf } from './settle.js';

export type Allowed = Readonly<Record<RunVerb, Permission>>;

export interface RunDetail {
  readonly summary: RunSummary;
  readonly items: readonly RunItem[];
  readonly asOf: string;
}

export interface RunFilter {
  /** Newest first, below this id. */
  readonly before?: string | undefined;
  readonly limit: number;
  readonly states?: readonly RunState[] | undefined;
  readonly mode?: RunMode | undefined;
  readonly dataSet?: string | undefined;
  /** Kind or id of the initiator, or both as `kind:id`. */
  readonly initiator?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly endedFrom?: string | undefined;
  readonly endedTo?: string | undefined;
}

type Db = ClientBase | Pool;

/** What the state of a run permits; whether the caller may is the caller's question. */
function allowedByState(state: RunState): Allowed {
  const verdict = (verb: RunVerb): Permission => {
    const move = moveOf(state, verb);
    if (move.kind === 'refused') return { ok: false, reason: move.reason };
    return move.kind === 'already' ? { ok: false, reason: 'It is so already.' } : { ok: true };
  };
  return Object.fromEntries(RUN_VERBS.map((verb) => [verb, verdict(verb)])) as unknown as Allowed;
}

/** A run with its items; previews are not runs here. Null: there is none. */
export async function readRun(db: Db, id: string): Promise<RunDetail | null> {
  const found = await db.query<RunRow & { now: Date }>(
    'SELECT *, clock_timestamp() AS now FROM sync.runs WHERE id = $1 AND NOT is_preview',
    [id],
  );
  const run = found.rows[0];
  if (!run) return null;
  const items = await readItems(db, [id]);
  const nowMs = run.now.getTime();
  return {
    summary: summaryOf(run, items, nowMs),
    items: items.map((item) => itemOf(run, item, nowMs)),
    asOf: run.now.toISOString(),
  };
}

/** Newest first; one more than `limit` when there are more. */
export async function listRuns(db: Db, filter: RunFilter): Promise<readonly RunSummary[]> {
  const { rows } = await db.query<RunRow & { now: Date }>(
    `SELECT *, clock_timestamp() AS now FROM sync.runs WHERE NOT is_preview
       AND ($1::bigint IS NULL OR id < $1) AND ($2::text[] IS NULL OR state = ANY ($2))
       AND ($3::text IS NULL OR mode = $3) AND ($4::text[] IS NULL OR data_sets @> $4)
       AND ($5::text IS NULL OR $5 IN (initiator->>'id', initiator->>'kind', (initiator->>'kind') || ':' || (initiator->>'id')))
       AND ($6::timestamptz IS NULL OR created_at >= $6) AND ($7::timestamptz IS NULL OR created_at < $7)
       AND ($8::timestamptz IS NULL OR finished_at >= $8) AND ($9::timestamptz IS NULL OR finished_at < $9)
     ORDER BY id DESC LIMIT $10`,
    [
      ...[filter.before ?? null, filter.states ?? null, filter.mode ?? null],
      ...[filter.dataSet === undefined ? null : [filter.dataSet], filter.initiator ?? null],
      ...[filter.from ?? null, filter.to ?? null, filter.endedFrom ?? null, filter.endedTo ?? null, filter.limit + 1],
    ],
  );
  const items = await readItems(
    db,
    rows.map((run) => run.id),
  );
  const byRun = new Map<string, ItemRow[]>(rows.map((run) => [run.id, []]));
  for (const item of items) byRun.get(item.run_id)?.push(item);
  return rows.map((run) => summaryOf(run, byRun.get(run.id) ?? [], run.now.getTime()));
}

async function readItems(db: Db, runIds: readonly string[]): Promise<readonly ItemRow[]> {
  const { rows } = await db.query<ItemRow>(
    `SELECT ${ITEM_COLUMNS} FROM sync.run_items WHERE run_id = ANY ($1::bigint[]) ORDER BY id`,
    [runIds],
  );
  return rows;
}

function summaryOf(run: RunRow, items: readonly ItemRow[], nowMs: number): RunSummary {
  return {
    id: run.id,
    mode: run.mode,
    dataSets: run.data_sets,
    options: runOptionsSchema.parse(run.options),
    state: run.state,
    stateReason: run.state_reason,
    initiator: runInitiatorSchema.parse(run.initiator),
    previewId: run.preview_id,
    queuedBehind: run.queued_behind,
    retryOf: run.retry_of,
    rateLimitRowsPerS: run.rate_limit_rows_per_s,
    createdAt: run.created_at.toISOString(),
    startedAt: iso(run.started_at),
    finishedAt: iso(run.finished_at),
    version: run.version,
    progress: runProgress(run, items, nowMs),
    allowed: allowedByState(run.state),
  };
}

function runProgress(run: RunRow, items: readonly ItemRow[], nowMs: number): RunProgress {
  const { done, total } = sumOf(run, items);
  const all = items.map(countersOf);
  const sum = (name: keyof ItemCounters) => all.reduce((rows, counters) => rows + counters[name], 0);
  const counters = Object.fromEntries(COUNTERS.map((name) => [name, sum(name)])) as unknown as ItemCounters;
  const updated = Math.max(...items.map(({ updated_at: at }) => at?.getTime() ?? 0));
  return progressOf({
    ...{ counters, phase: phaseOf(items), pace: run.pace, percent: run.percent, total },
    eta: { nowMs, done, total, standing: standingOf(run.state, items) },
    updatedAt: updated > 0 ? new Date(updated) : null,
  });
}

function standingOf(state: RunState, items: readonly ItemRow[]): EtaQuestion['standing'] {
  if (isEnded(state)) return 'ended';
  if (state === 'paused') return 'paused';
  return items.some((item) => item.state === 'running') ? 'working' : 'waiting';
}

/** The phase that the slowest data set at work is in. */
function phaseOf(items: readonly ItemRow[]): RunPhase {
  const working = items.filter((item) => item.state === 'running');
  const open = items.filter((item) => !isEnded(item.state));
  if (working.length === 0 && open.length > 0) return open.some((item) => item.started_at) ? earliest(open) : 'waiting';
  return earliest(working.length > 0 ? working : items);
}

function earliest(items: readonly ItemRow[]): RunPhase {
  const order = Math.min(...items.map(({ phase }) => RUN_PHASES.indexOf(phase)));
  return RUN_PHASES[order] ?? 'waiting';
}

function itemOf(run: RunRow, item: ItemRow, nowMs: number): RunItem {
  const counters = countersOf(item);
  const done = doneRows(run.mode, run.is_preview, counters);
  // A repair that finds nothing to mend reads once what it was to read twice.
  const stored = item.state === 'succeeded' ? done : item.rows_total;
  const total = stored === null ? null : Number(stored);
  const standing = isEnded(item.state) ? 'ended' : item.state === 'running' ? 'working' : item.state;
  return {
    id: item.id,
    dataSet: item.data_set,
    state: item.state,
    progress: progressOf({
      ...{ counters, phase: item.phase, pace: item.pace, percent: item.percent, total, updatedAt: item.updated_at },
      eta: { nowMs, done, total, standing: standing as EtaQuestion['standing'] },
    }),
    startedAt: iso(item.started_at),
    finishedAt: iso(item.finished_at),
    message: item.message,
    worker: item.worker,
  };
}

interface ProgressFacts {
  readonly counters: ItemCounters;
  readonly phase: RunPhase;
  readonly pace: Pace | null;
  readonly percent: number | null;
  readonly total: number | null;
  readonly eta: EtaQuestion;
  readonly updatedAt: Date | null;
}

function progressOf({ counters, phase, pace, percent, total, eta, updatedAt }: ProgressFacts): RunProgress {
  const known = pace ?? NO_PACE;
  return {
    phase,
    ...counters,
    rowsTotal: total,
    percent,
    rateRowsPerS: eta.standing === 'working' ? known.rateRowsPerS : null,
    eta: etaOf(known, eta),
    updatedAt: iso(updatedAt),
  };
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
