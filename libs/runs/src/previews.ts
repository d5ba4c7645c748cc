import type { ClientBase, Pool } from 'pg';
import {
  runInitiatorSchema,
  runOptionsSchema,
  type ItemState,
  type PreviewItem,
  type RunInitiator,
  type RunMode,
  type RunOptions,
  type RunState,
} from '@astro/contracts';
import { removableRows } from '@astro/sync-core';
import type { GuardSettings, RunLimits } from './guard.js';
import type { PreviewFigures } from './run-store.js';

/** Older figures say too little about now. */
export const PREVIEW_LIFE_S = 600;

export interface StoredPreview {
  readonly id: string;
  readonly mode: RunMode;
  readonly dataSets: readonly string[];
  readonly options: RunOptions;
  readonly state: RunState;
  readonly initiator: RunInitiator;
  readonly createdAt: Date;
  /** When the figures were complete; null while they are computed. */
  readonly readyAt: Date | null;
  readonly now: Date;
  readonly isExpired: boolean;
  /** What to send back when {@link largestRemoval} finds a reason to ask. */
  readonly confirmation: string;
  readonly usedBy: string | null;
  readonly items: readonly PreviewItem[];
}

interface PreviewRow {
  readonly id: string;
  readonly mode: RunMode;
  readonly data_sets: string[];
  readonly options: unknown;
  readonly state: RunState;
  readonly initiator: unknown;
  readonly created_at: Date;
  readonly finished_at: Date | null;
  readonly now: Date;
  readonly confirmation: string | null;
  readonly used_by: string | null;
}

interface PreviewItemRow {
  readonly data_set: string;
  readonly state: ItemState;
  readonly message: string | null;
  readonly preview: PreviewFigures | null;
}

/** Null: there is no such preview. */
export async function readPreview(db: ClientBase | Pool, id: string): Promise<StoredPreview | null> {
  const { rows } = await db.query<PreviewRow>(
    `SELECT p.*, clock_timestamp() AS now, u.id AS used_by FROM sync.runs p LEFT JOIN sync.runs u ON u.preview_id = p.id
     WHERE p.id = $1 AND p.is_preview`,
    [id],
  );
  const row = rows[0];
  if (!row) return null;
  const items = await db.query<PreviewItemRow>(
    'SELECT data_set, state, message, preview FROM sync.run_items WHERE run_id = $1 ORDER BY id',
    [id],
  );
  const rates = await readRates(db, row.mode, row.data_sets);
  const options = runOptionsSchema.parse(row.options);
  const readyAt = row.state === 'planned' ? row.finished_at : null;
  return {
    ...{ id: row.id, mode: row.mode, dataSets: row.data_sets, state: row.state, usedBy: row.used_by, readyAt },
    options,
    initiator: runInitiatorSchema.parse(row.initiator),
    ...{ createdAt: row.created_at, now: row.now, confirmation: row.confirmation ?? '' },
    isExpired: readyAt !== null && row.now.getTime() - readyAt.getTime() > PREVIEW_LIFE_S * 1000,
    items: items.rows.map((item) =>
      previewItem(item, {
        mode: row.mode,
        ...{ past: rates.get(item.data_set) ?? [], limit: options.rateLimitRowsPerS ?? Infinity },
      }),
    ),
  };
}

const STATES: Readonly<Record<ItemState, PreviewItem['state']>> = {
  waiting: 'waiting',
  running: 'counting',
  paused: 'waiting',
  succeeded: 'ready',
  succeeded_with_leftovers: 'ready',
  failed: 'failed',
  cancelled: 'failed',
  stopped_by_guard: 'failed',
};

interface PreviewFacts {
  readonly mode: RunMode;
  readonly past: readonly number[];
  /** Rows per second that the run may do at most. */
  readonly limit: number;
}

function previewItem(
  { data_set: dataSet, state, message, preview }: PreviewItemRow,
  { mode, past, limit }: PreviewFacts,
) {
  const seen = preview?.rateRowsPerS === undefined ? past : [...past, preview.rateRowsPerS];
  const rates = seen.map((rate) => Math.min(rate, limit));
  const nothing = { rows: null, inserts: null, changes: null, removals: null, same: null, targetRows: null };
  const { rows, inserts, changes, removals, same, targetRows: held } = preview ?? nothing;
  const targetRows = sweeps(mode) ? held : null;
  const duration = rows === null ? null : durationOf(rows, rates);
  return { dataSet, state: STATES[state], message, rows, inserts, changes, removals, same, targetRows, duration };
}

/** What the other modes remove was removed at the source, or is nothing: their previews do not look at the target. */
function sweeps(mode: RunMode): boolean {
  return mode === 'full' || mode === 'repair';
}

/**
 * Rows per second of the last runs of this mode that ended well, by data set. Runs too short for a sample count only where
 * there is no other: they are mostly beginning and end, and say little of many rows.
 */
async function readRates(db: ClientBase | Pool, mode: RunMode, dataSets: readonly string[]) {
  const { rows } = await db.query<{ data_set: string; rates: number[] }>(
    `SELECT d.name AS data_set, coalesce(array_agg(t.rate) FILTER (WHERE t.is_sampled), array_agg(t.rate)) AS rates
     FROM unnest($2::text[]) AS d (name) CROSS JOIN LATERAL (
       SELECT (i.pace->>'done')::float8 / (i.pace->>'workedS')::float8 AS rate,
         coalesce((i.pace->>'samples')::int, 0) > 0 AS is_sampled
       FROM sync.run_items i JOIN sync.runs r ON r.id = i.run_id AND r.mode = $1
       WHERE i.data_set = d.name AND i.state = 'succeeded' AND NOT i.is_preview
         AND (i.pace->>'workedS')::float8 > 0 AND (i.pace->>'done')::float8 > 0
       ORDER BY is_sampled DESC, i.finished_at DESC LIMIT 10) t
     GROUP BY d.name`,
    [mode, dataSets],
  );
  return new Map(rows.map((row) => [row.data_set, row.rates]));
}

/** How unsteady a single measured rate is taken to be. */
const SPREAD = 1.5;

/** From the fastest to the slowest rate that was seen, with some room; null when none was. */
export function durationOf(rows: number, rates: readonly number[]): { lowS: number; highS: number } | null {
  const usable = rates.filter((rate) => rate > 0 && Number.isFinite(rate));
  if (usable.length === 0) return null;
  const lowS = Math.floor(rows / (Math.max(...usable) * SPREAD));
  return { lowS, highS: Math.max(1, lowS, Math.ceil((rows / Math.min(...usable)) * SPREAD)) };
}

/** Data sets may be worked on side by side or one after the other; null as soon as one of them cannot be told. */
export function totalDuration(items: readonly Pick<PreviewItem, 'duration'>[]): PreviewItem['duration'] {
  const known = items.flatMap(({ duration }) => (duration ? [duration] : []));
  if (known.length === 0 || known.length < items.length) return null;
  return {
    lowS: Math.max(...known.map(({ lowS }) => lowS)),
    highS: known.reduce((sum, { highS }) => sum + highS, 0),
  };
}

/**
 * The data set that would lose the largest share beyond what may go without a confirmation; null: none would. An item
 * without `targetRows` is of a mode that asks for none.
 */
export function largestRemoval(items: readonly PreviewItem[], guard: GuardSettings): PreviewItem | null {
  const asking = items.filter(({ removals, targetRows }) => {
    if (removals === null || targetRows === null) return false;
    return removals > removableRows({ ...guard, expected: null }, targetRows);
  });
  const share = ({ removals, targetRows }: PreviewItem) => (removals ?? 0) / Math.max(1, targetRows ?? 0);
  return asking.reduce<PreviewItem | null>((most, item) => (most && share(most) >= share(item) ? most : item), null);
}

/** The limits of a run that is started from this preview. */
export function limitsOf({ items }: StoredPreview, guard: GuardSettings): RunLimits {
  const expected = items.map(({ dataSet, rows, removals }) => [dataSet, { rows: rows ?? 0, removals: removals ?? 0 }]);
  return { ...guard, expected: Object.fromEntries(expected) as NonNullable<RunLimits['expected']> };
}
