import { z } from 'zod';

/**
 * Where the item of a comparison or a repair stands; what another worker needs to go on. `compare`: both sides are
 * compared; `mend`: the lane writes what differs; `copy`: so much differs that the lane writes everything that was
 * compared; `prove`: they are compared once more.
 */
const stageSchema = z.object({
  stage: z.enum(['compare', 'mend', 'copy', 'prove']),
  /** Chunks of each comparison count on from the last one's. */
  firstSeq: z.int().min(0).default(0),
});
export type Stage = z.infer<typeof stageSchema>;

const FIRST: Stage = { stage: 'compare', firstSeq: 0 };

export function stageOf(stateData: unknown): Stage {
  return stateData === null || stateData === undefined ? FIRST : stageSchema.parse(stateData);
}
