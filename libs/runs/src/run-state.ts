import type { ItemState, RunPhase, RunState, RunVerb } from '@astro/contracts';

/** What a verb does to a run in some state: moves it, changes nothing because it is so already, or is refused. */
export type Move =
  | { readonly kind: 'to'; readonly state: RunState }
  | { readonly kind: 'already' }
  /** Leaves the run as it is and starts another one of what failed. */
  | { readonly kind: 'new_run' }
  | { readonly kind: 'refused'; readonly reason: string };

const to = (state: RunState): Move => ({ kind: 'to', state });
const no = (reason: string): Move => ({ kind: 'refused', reason });
const ALREADY: Move = { kind: 'already' };

const GOES_ON = no('Only what has ended with errors can be tried again; this run goes on.');
const IS_PREVIEW = no('This is a preview; nothing runs.');
const NOT_PAUSED = no('The run is not paused.');
const IS_CANCELLING = no('The run is being cancelled.');
const NOT_BEGUN = no('The run has not begun; cancel it, or let it wait.');
const ended = (how: string): Move => no(`The run has ended: ${how}.`);

/** A row for a run that has ended. */
function over(how: string, retry: Move): Record<RunVerb, Move> {
  return { pause: ended(how), resume: ended(how), cancel: ended(how), retry };
}

/** Every state × verb. Roles are not in it: who may do it is asked elsewhere. */
const MOVES: Readonly<Record<RunState, Readonly<Record<RunVerb, Move>>>> = {
  planning: { pause: IS_PREVIEW, resume: IS_PREVIEW, cancel: to('cancelled'), retry: IS_PREVIEW },
  planned: { pause: IS_PREVIEW, resume: IS_PREVIEW, cancel: to('cancelled'), retry: IS_PREVIEW },
  queued: { pause: NOT_BEGUN, resume: NOT_PAUSED, cancel: to('cancelling'), retry: GOES_ON },
  running: { pause: to('pausing'), resume: ALREADY, cancel: to('cancelling'), retry: GOES_ON },
  pausing: { pause: ALREADY, resume: to('running'), cancel: to('cancelling'), retry: GOES_ON },
  paused: { pause: ALREADY, resume: to('running'), cancel: to('cancelling'), retry: GOES_ON },
  cancelling: { pause: IS_CANCELLING, resume: IS_CANCELLING, cancel: ALREADY, retry: GOES_ON },
  verifying: {
    pause: no('The run only verifies what it has written; let it end, or cancel it.'),
    resume: ALREADY,
    cancel: to('cancelling'),
    retry: GOES_ON,
  },
  succeeded: over('succeeded', no('Nothing failed in this run.')),
  succeeded_with_leftovers: over('succeeded with leftovers', { kind: 'new_run' }),
  failed: over('failed', { kind: 'new_run' }),
  cancelled: { ...over('cancelled', no('The run was cancelled; start it again.')), cancel: ALREADY },
  stopped_by_guard: over(
    'stopped by guard',
    no('The run stopped because it left its limits; make a new preview and confirm it.'),
  ),
};

export function moveOf(state: RunState, verb: RunVerb): Move {
  return MOVES[state][verb];
}

const ENDED: ReadonlySet<RunState | ItemState> = new Set<RunState | ItemState>([
  'planned',
  'succeeded',
  'succeeded_with_leftovers',
  'failed',
  'cancelled',
  'stopped_by_guard',
]);

/** True when nothing moves the run any more; a preview ends as `planned`. */
export function isEnded(state: RunState | ItemState): boolean {
  return ENDED.has(state);
}

/** One data set of a run, as far as the state of the run depends on it. */
export interface ItemStanding {
  readonly state: ItemState;
  readonly phase: RunPhase;
}

/**
 * The state of a run that follows from its items; `state` itself when nothing follows. The worst end of an item is the
 * end of the run, but a guard that stopped one is always told, and what a person cancelled is not called failed.
 */
export function settled(state: RunState, items: readonly ItemStanding[]): RunState {
  if (isEnded(state)) return state;
  const states = new Set(items.map((item) => item.state));
  if (items.every((item) => isEnded(item.state))) return endOf(state, states);
  switch (state) {
    case 'pausing':
      return states.has('running') ? state : 'paused';
    case 'queued':
      return states.has('running') ? 'running' : state;
    case 'running':
    case 'verifying':
      return isVerifying(items) ? 'verifying' : 'running';
    default:
      return state;
  }
}

function isVerifying(items: readonly ItemStanding[]): boolean {
  return items
    .filter((item) => !isEnded(item.state))
    .every((item) => item.state === 'running' && item.phase === 'verifying');
}

function endOf(state: RunState, states: ReadonlySet<ItemState>): RunState {
  if (state === 'planning') {
    if (states.has('cancelled')) return 'cancelled';
    return states.has('failed') ? 'failed' : 'planned';
  }
  const worst = (['stopped_by_guard', 'cancelled', 'failed', 'succeeded_with_leftovers'] as const).find((end) =>
    states.has(end),
  );
  return worst ?? 'succeeded';
}
