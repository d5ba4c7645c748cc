import { z } from 'zod';

const share = z.number().min(0).max(1);
const count = z.int().min(0);

/** What a run may do before it stops by itself; stored with the run when it is started. Shares are parts of 1. */
export const runLimitsSchema = z.object({
  /** Of the rows of a target, the share that may be removed when nobody has confirmed more. */
  maxRemovalShare: share,
  /** How far rows and removals may be from what the preview expected, as a part of its rows. */
  maxDeviationShare: share,
  /** By data set, what the preview said that the run was started with; null: it was started without one. */
  expected: z.record(z.string(), z.object({ rows: count, removals: count })).nullable(),
});
export type RunLimits = z.infer<typeof runLimitsSchema>;

/** How far runs may go; settings of the API. */
export type GuardSettings = Pick<RunLimits, 'maxRemovalShare' | 'maxDeviationShare'>;

export const DEFAULT_GUARD: GuardSettings = { maxRemovalShare: 0.05, maxDeviationShare: 0.1 };
