import type { Pool } from 'pg';
import { RUN_SERIES_MAX_POINTS, type RunPhaseSpan, type RunSeries } from '@astro/contracts';
import { joinedSpans, phasesOf, type PhaseSpan } from './phase-bands.js';
import { readPhaseSpans } from './phase-spans.js';
import { ratesOf, type Grid, type Stretch } from './series-rates.js';

interface RunTimes {
  readonly created_at: Date;
  readonly started_at: Date | null;
  /** When it ended, or now. */
  readonly until: Date;
}

/** How fast a run went, and in which phases, from its start to its end, or until now. Null: there is no such run; previews are none. */
export async function readRunSeries(db: Pool, id: string): Promise<RunSeries | null> {
  const found = await db.query<RunTimes>(
    `SELECT created_at, started_at, coalesce(finished_at, clock_timestamp()) AS until
     FROM sync.runs WHERE id = $1 AND NOT is_preview`,
    [id],
  );
  const run = found.rows[0];
  if (!run) return null;
  const grid = run.started_at ? gridOf(run.started_at.getTime(), run.until.getTime()) : null;
  return {
    from: (run.started_at ?? run.created_at).toISOString(),
    to: run.until.toISOString(),
    bucketSeconds: (grid?.bucketMs ?? 1000) / 1000,
    ...(grid ? await readWork(db, id, grid) : { points: [], spans: [] }),
  };
}

async function readWork(db: Pool, id: string, grid: Grid): Promise<Pick<RunSeries, 'points' | 'spans'>> {
  const [stretches, worked] = await Promise.all([readStretches(db, id, grid), readPhaseSpans(db, id)]);
  const spans = joinedSpans(worked, grid.bucketMs);
  const phases = phasesOf(worked, grid);
  const points = ratesOf(stretches, grid).map((rate, index) => ({
    at: new Date(grid.fromMs + index * grid.bucketMs).toISOString(),
    ...rate,
    phase: phases[index] ?? null,
  }));
  return { points, spans: spans.map(asContract) };
}

function asContract({ dataSet, phase, fromMs, toMs }: PhaseSpan): RunPhaseSpan {
  return { dataSet, phase, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** Lengths that make round times, in seconds; beyond them whole days. */
const LENGTHS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200];
const DAY_S = 86_400;

/** Buckets that begin at round times, so that they stay where they are while a run goes on. */
export function gridOf(startMs: number, endMs: number): Grid {
  // One less than the greatest number: the first and the last bucket may be cut by the range.
  const shortestS = (endMs - startMs) / 1000 / (RUN_SERIES_MAX_POINTS - 1);
  const lengthS = LENGTHS_S.find((length) => length >= shortestS) ?? Math.ceil(shortestS / DAY_S) * DAY_S;
  const bucketMs = lengthS * 1000;
  const fromMs = Math.floor(startMs / bucketMs) * bucketMs;
  return { fromMs, bucketMs, count: Math.max(1, Math.ceil((endMs - fromMs) / bucketMs)) };
}

interface StretchRow {
  readonly item_id: string;
  readonly holding: string;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly first_rows: string;
  readonly last_rows: string;
  readonly first_errors: string;
  readonly last_errors: string;
}

async function readStretches(db: Pool, runId: string, { fromMs, bucketMs }: Grid): Promise<readonly Stretch[]> {
  const { rows } = await db.query<StretchRow>(STRETCHES, [runId, new Date(fromMs), bucketMs / 1000]);
  return rows.map((row) => ({
    itemId: row.item_id,
    holding: Number(row.holding),
    firstMs: row.first_at.getTime(),
    lastMs: row.last_at.getTime(),
    firstRows: Number(row.first_rows),
    lastRows: Number(row.last_rows),
    firstErrors: Number(row.first_errors),
    lastErrors: Number(row.last_errors),
  }));
}

/** Counters of an item only grow, so the least and the greatest in a bucket are the first and the last. */
const STRETCHES = `
SELECT item_id, holding, min(at) AS first_at, max(at) AS last_at, min(rows_done) AS first_rows,
  max(rows_done) AS last_rows, min(errors) AS first_errors, max(errors) AS last_errors
FROM (
  SELECT s.*, count(*) FILTER (WHERE begins) OVER (PARTITION BY s.item_id ORDER BY s.at) AS holding
  FROM sync.run_samples s JOIN sync.run_items i ON i.id = s.item_id WHERE i.run_id = $1) s
GROUP BY item_id, holding, date_bin(make_interval(secs => $3), at, $2::timestamptz)`;
