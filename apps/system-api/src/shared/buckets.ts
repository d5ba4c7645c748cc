import { SERIES_MAX_POINTS } from '@astro/contracts';
import { ApiProblem } from './api-problem.js';

/** Samples are taken so often. */
const SAMPLE_S = 10;
const DEFAULT_RANGE_MS = 6 * 3_600_000;
const MAX_RANGE_MS = 31 * 86_400_000;

/** A range of time cut into equal buckets, at most as many as a chart shows. */
export interface Buckets {
  readonly from: Date;
  readonly to: Date;
  readonly bucketS: number;
}

/** @throws {ApiProblem} 400 when the range is empty or longer than 31 days */
export function bucketsOf({ from, to }: { from?: string | undefined; to?: string | undefined }, now: Date): Buckets {
  const end = to === undefined ? now : new Date(to);
  const start = from === undefined ? new Date(end.getTime() - DEFAULT_RANGE_MS) : new Date(from);
  const lengthMs = end.getTime() - start.getTime();
  if (lengthMs <= 0 || lengthMs > MAX_RANGE_MS) {
    const detail = 'The range must begin before it ends, and be at most 31 days long.';
    throw new ApiProblem(400, { code: 'INVALID_RANGE', detail, errors: [{ pointer: '/from', detail }] });
  }
  // One less than the greatest number: the first and the last bucket may be cut by the range.
  const bucketS = Math.max(1, Math.ceil(lengthMs / 1000 / (SERIES_MAX_POINTS - 1) / SAMPLE_S)) * SAMPLE_S;
  const alignedMs = Math.floor(start.getTime() / 1000 / bucketS) * bucketS * 1000;
  return { from: new Date(alignedMs), to: end, bucketS };
}
