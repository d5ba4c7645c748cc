import { type ClientBase, type Pool } from 'pg';
import { type DataSetSeries } from '@astro/contracts';
import { type Buckets } from '../shared/buckets.js';

/** Lag and throughput of a lane from the workers' samples: a time without samples is a gap, not a zero. */
export async function readSeries(db: ClientBase | Pool, laneId: number, buckets: Buckets): Promise<DataSetSeries> {
  const { from, to, bucketS } = buckets;
  const { rows } = await db.query<{ at: Date; lag_s: number | null; rate: number | null }>(SERIES, [
    laneId,
    from,
    to,
    bucketS,
  ]);
  const points = rows.map((row) => ({ at: row.at.toISOString(), lagSeconds: row.lag_s, appliedPerSecond: row.rate }));
  return { from: from.toISOString(), to: to.toISOString(), bucketSeconds: bucketS, points };
}

const SPARK_POINTS = 48;

/** The greatest lag in each half hour of the last day, by lane. */
export async function readSparklines(db: ClientBase | Pool): Promise<ReadonlyMap<number, (number | null)[]>> {
  const { rows } = await db.query<{ lane_id: number; slot: number; lag_s: number | null }>(SPARKLINES);
  const lines = new Map<number, (number | null)[]>();
  for (const { lane_id: lane, slot, lag_s: lag } of rows) {
    const line = lines.get(lane) ?? new Array<number | null>(SPARK_POINTS).fill(null);
    if (slot >= 0 && slot < SPARK_POINTS) line[slot] = lag;
    lines.set(lane, line);
  }
  return lines;
}

/** A sample says what was applied in the 10 s before it. */
const SERIES = `
SELECT b.at, s.lag_s, s.rate
FROM generate_series($2::timestamptz, $3::timestamptz - interval '1 second', make_interval(secs => $4)) AS b (at)
LEFT JOIN (
  SELECT date_bin(make_interval(secs => $4), sampled_at, $2::timestamptz) AS at,
    max(lag_ms)::float8 / 1000 AS lag_s, sum(applied)::float8 / (10 * count(applied)) AS rate
  FROM (SELECT sampled_at, lag_ms, applied FROM sync.lane_samples
    WHERE lane_id = $1 AND sampled_at >= $2 AND sampled_at < $3) x
  GROUP BY 1) s ON s.at = b.at
ORDER BY b.at`;

const SPARKLINES = `
SELECT lane_id, floor(extract(epoch FROM sampled_at - (now() - interval '24 hours')) / 1800)::int AS slot,
  max(lag_ms)::float8 / 1000 AS lag_s
FROM sync.lane_samples
WHERE lane_id IN (SELECT id FROM sync.ledger_lanes WHERE active) AND sampled_at > now() - interval '24 hours'
GROUP BY 1, 2`;
