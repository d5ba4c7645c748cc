import { type ConfirmTier } from '@astro/web-ui';
import { type Preview } from '../../generated/index.js';

/** A plan counts as stale this long after its figures were complete. */
const LIFE_MS = 10 * 60_000;

/**
 * How much starting from the plan asks for: what must be confirmed with a value can destroy, what copies or mends
 * changes data, the rest only repeats work.
 */
export function tierOf({ confirmation, mode }: Pick<Preview, 'confirmation' | 'mode'>): ConfirmTier {
  if (confirmation !== null) return 3;
  return mode === 'full' || mode === 'repair' ? 2 : 1;
}

/** When the figures were complete, on the clock of this browser; `null` while they are counted. */
export function readyAtMs({ readyAt, asOf }: Pick<Preview, 'readyAt' | 'asOf'>, receivedAtMs: number): number | null {
  if (readyAt === null) return null;
  return receivedAtMs - Math.max(0, Date.parse(asOf) - Date.parse(readyAt));
}

/** Why a run cannot start from the plan; `null` when it can. */
export function whyNoStart(preview: Preview, { nowMs, readyMs }: PlanAge): string | null {
  const { state, usedBy } = preview;
  if (usedBy !== null) return `Run ${usedBy} was already started from this plan. Plan again for another run.`;
  if (state === 'planning') return 'The plan is still being counted.';
  if (state === 'failed') return 'The plan could not be made.';
  if (state === 'cancelled') return 'The plan was discarded.';
  const isOld = state === 'expired' || (readyMs !== null && nowMs - readyMs > LIFE_MS);
  return isOld ? 'The plan is older than 10 minutes; its figures may no longer be true. Plan again.' : null;
}

interface PlanAge {
  readonly nowMs: number;
  readonly readyMs: number | null;
}

export const KINDS = ['inserts', 'changes', 'removals', 'same'] as const;
export type Kind = (typeof KINDS)[number];

export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  inserts: 'To insert',
  changes: 'To change',
  removals: 'To remove',
  same: 'Same',
};

/** The sum over all data sets; `null` when one of them is not known, because then the sum would be too small. */
export function totalOf({ items }: Preview, kind: Kind | 'rows'): number | null {
  let total = 0;
  for (const item of items) {
    const count = item[kind];
    if (count === null) return null;
    total += count;
  }
  return total;
}

/** True when every row was compared and none has to be written. */
export function isNothingToDo(preview: Preview): boolean {
  return preview.items.length > 0 && KINDS.every((kind) => kind === 'same' || totalOf(preview, kind) === 0);
}
