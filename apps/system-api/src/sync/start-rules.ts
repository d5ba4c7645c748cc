import { type RunMode, type RunOptions, type StartRun } from '@astro/contracts';
import { largestRemoval, limitsOf, type GuardSettings, type RunLimits, type StoredPreview } from '@astro/runs';
import { ApiProblem } from '../shared/api-problem.js';

export interface StartQuestion {
  readonly request: StartRun;
  /** The data sets that the request means. */
  readonly dataSets: readonly string[];
  /** The preview that it names; null: it names none. */
  readonly preview: StoredPreview | null;
  readonly guard: GuardSettings;
}

/**
 * May the run start as it is asked for? @returns what it may do before it stops by itself
 * @throws {ApiProblem} 409, 412 or 422 with one clear reason
 */
export function limitsFor({ request, dataSets, preview, guard }: StartQuestion): RunLimits {
  const { confirmation, mode, options } = request;
  if (!preview) {
    if (confirmation === undefined) return { ...guard, expected: null };
    throw unprocessable(
      'CONFIRMATION_WITHOUT_PREVIEW',
      '/confirmation',
      'A confirmation needs the previewId it is from.',
    );
  }
  requireUsable(preview);
  if (scopeOf(preview) !== scopeOf({ mode, dataSets, options })) {
    throw new ApiProblem(412, {
      code: 'PREVIEW_OF_ANOTHER_SCOPE',
      detail: `Preview ${preview.id} is of other data sets, another mode or other options. Make a preview of this run.`,
      errors: [{ pointer: '/previewId', detail: 'is of another scope' }],
    });
  }
  requireConfirmation(preview, guard, confirmation);
  // Only what copies as a whole has figures to keep to; the others bring over whatever has come since.
  return mode === 'full' || mode === 'repair' ? limitsOf(preview, guard) : { ...guard, expected: null };
}

type Kind = 'inserts' | 'changes' | 'removals' | 'same';

/** What the person was shown and agreed to: the sums over all data sets; null where one of them is not known. */
export function plannedOf(items: StoredPreview['items']): Record<Kind, number | null> {
  const sumOf = (kind: Kind) =>
    items.reduce<number | null>((sum, { [kind]: count }) => (sum === null || count === null ? null : sum + count), 0);
  return { inserts: sumOf('inserts'), changes: sumOf('changes'), removals: sumOf('removals'), same: sumOf('same') };
}

function requireUsable({ id, state, isExpired, usedBy }: StoredPreview): void {
  if (usedBy !== null) {
    throw new ApiProblem(409, {
      code: 'PREVIEW_USED',
      detail: `Run ${usedBy} was already started from preview ${id}. Make a new preview for another run.`,
    });
  }
  if (state === 'planning') {
    throw new ApiProblem(409, {
      code: 'PREVIEW_NOT_READY',
      detail: `Preview ${id} is still being counted. Wait until its state is planned.`,
      retryAfterS: 1,
    });
  }
  if (state !== 'planned') {
    const how = state === 'cancelled' ? 'was discarded' : 'failed';
    throw new ApiProblem(409, { code: 'PREVIEW_NOT_USABLE', detail: `Preview ${id} ${how}. Make a new one.` });
  }
  if (!isExpired) return;
  throw new ApiProblem(412, {
    code: 'PREVIEW_STALE',
    detail: `Preview ${id} is older than 10 minutes; its figures may no longer be true. Make a new preview.`,
    errors: [{ pointer: '/previewId', detail: 'is older than 10 minutes' }],
  });
}

function requireConfirmation(preview: StoredPreview, guard: GuardSettings, given: string | undefined): void {
  const removal = largestRemoval(preview.items, guard);
  if (!removal) return;
  if (given === preview.confirmation) return;
  const what = `It would remove ${removal.removals ?? 0} of the ${removal.targetRows ?? 0} rows of "${removal.dataSet}".`;
  if (given === undefined) {
    const fix = 'Send the confirmation that the preview returns.';
    throw unprocessable('CONFIRMATION_NEEDED', '/confirmation', `${what} ${fix}`);
  }
  throw unprocessable(
    'CONFIRMATION_WRONG',
    '/confirmation',
    `${what} The confirmation is not the one of this preview.`,
  );
}

function unprocessable(code: string, pointer: string, detail: string): ApiProblem {
  return new ApiProblem(422, { code, detail, errors: [{ pointer, detail }] });
}

/** What must be equal; how fast it goes is not part of it. */
function scopeOf({ mode, dataSets, options }: ScopeFacts): string {
  const { table = null, keys = null, filter = null } = options;
  const conditions = filter?.map(({ column, operator, value = null }) => [column, operator, value]) ?? null;
  return JSON.stringify([mode, [...dataSets].sort(), table, keys, conditions]);
}

interface ScopeFacts {
  readonly mode: RunMode;
  readonly dataSets: readonly string[];
  readonly options: RunOptions;
}
