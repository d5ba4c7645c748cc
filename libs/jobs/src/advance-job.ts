import { createHash } from 'node:crypto';
import { z } from 'zod';

/**
 * The contract between those who signal that a lane has work and the workers that move it on. A job carries no rows
 * and no position: the ledger is the truth, a lost or doubled job changes nothing.
 */

/** Name of the queue. */
export const LANES_QUEUE = 'lanes';
/** Name of the jobs in it. */
export const ADVANCE_JOB = 'advance';

const MAX_LANE_CHARACTERS = 200;
const ID_PREFIX = 'lane-';
const ID_HEX_CHARACTERS = 32;

export const advanceJobSchema = z.strictObject({
  /** Name of the lane that has something to do. */
  lane: z.string().min(1).max(MAX_LANE_CHARACTERS),
});

export type AdvanceJob = z.infer<typeof advanceJobSchema>;

/** @throws {z.ZodError} when `data` is not an advance job; trying again cannot help */
export function parseAdvanceJob(data: unknown): AdvanceJob {
  return advanceJobSchema.parse(data);
}

/**
 * The deduplication id of a lane's signal: the same for the same lane, made of letters, digits and `-` only,
 * whatever the lane is called (W38). Use it for deduplication, never as a job id, which a kept job would block (W35).
 */
export function advanceDeduplicationId(lane: string): string {
  const hash = createHash('sha256').update(lane, 'utf8').digest('hex');
  return ID_PREFIX + hash.slice(0, ID_HEX_CHARACTERS);
}
