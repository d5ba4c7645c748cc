import type { NewRunError } from '@astro/runs';
import type { LaneFailure } from '@astro/sync-core';

/** What a person can do, by the class or code of the server's error. */
const ADVICE: readonly (readonly [codes: string, advice: string])[] = [
  ['23505', 'Another row of the target has the same unique value: find it there, and remove it or correct the source.'],
  [
    '23503',
    'The row refers to one that the target does not have: add that table to the data set, or drop the key there.',
  ],
  ['23', 'The target table has a rule that the row breaks: correct the row in the source, or the rule in the target.'],
  ['22', 'The value does not fit its column in the target: widen the column there, or correct the row in the source.'],
  ['42', 'The target table is not as the source: run `npm run sync -- setup`, then copy the data set again.'],
  ['SYNC_POISON', 'The document is too large for the cache: leave out columns of the data set, or store it elsewhere.'],
];
const DEFAULT_ADVICE = 'Read the message, correct the row in the source or the target, then retry what failed.';

/** A row that a lane has set aside, as the run lists it. */
export function failedRow({ key, code, message }: LaneFailure, entityType: string): NewRunError {
  const advice = ADVICE.find(([codes]) => code.startsWith(codes))?.[1] ?? DEFAULT_ADVICE;
  return { kind: 'failed', entityType, entityId: key, field: null, code, message, advice };
}
