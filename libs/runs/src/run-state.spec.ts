import { RUN_STATES, RUN_VERBS, type ItemState, type RunPhase, type RunState } from '@astro/contracts';
import { isEnded, moveOf, settled } from './run-state.js';

/** Row by row: what pause, resume, cancel and retry do. `=`: it is so already; `-`: refused; `new`: a new run. */
const TABLE: Readonly<Record<RunState, readonly [pause: string, resume: string, cancel: string, retry: string]>> = {
  planning: ['-', '-', 'cancelled', '-'],
  planned: ['-', '-', 'cancelled', '-'],
  queued: ['-', '-', 'cancelling', '-'],
  running: ['pausing', '=', 'cancelling', '-'],
  pausing: ['=', 'running', 'cancelling', '-'],
  paused: ['=', 'running', 'cancelling', '-'],
  cancelling: ['-', '-', '=', '-'],
  verifying: ['-', '=', 'cancelling', '-'],
  succeeded: ['-', '-', '-', '-'],
  succeeded_with_leftovers: ['-', '-', '-', 'new'],
  failed: ['-', '-', '-', 'new'],
  cancelled: ['-', '-', '=', '-'],
  stopped_by_guard: ['-', '-', '-', '-'],
};

function shortly(state: RunState, verb: (typeof RUN_VERBS)[number]): string {
  const move = moveOf(state, verb);
  switch (move.kind) {
    case 'to':
      return move.state;
    case 'already':
      return '=';
    case 'new_run':
      return 'new';
    default:
      return '-';
  }
}

const CELLS = RUN_STATES.flatMap((state) =>
  RUN_VERBS.map((verb, column) => [state, verb, TABLE[state][column] ?? ''] as const),
);

it.each(CELLS)('%s × %s: %s', (state, verb, expected) => {
  expect(shortly(state, verb)).toBe(expected);
});

it.each(CELLS.filter(([, , expected]) => expected === '-'))('%s × %s says why not', (state, verb) => {
  expect(moveOf(state, verb)).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/^[A-Z].+\.$/) });
});

it('never moves a run that has ended, whatever is asked', () => {
  for (const state of RUN_STATES.filter((each) => isEnded(each) && each !== 'planned')) {
    for (const verb of RUN_VERBS) expect(moveOf(state, verb).kind).not.toBe('to');
  }
});

const item = (state: ItemState, phase: RunPhase = 'reading') => ({ state, phase });

it.each<[string, RunState, ReturnType<typeof item>[], RunState]>([
  ['waits while nothing is taken', 'queued', [item('waiting')], 'queued'],
  ['runs with its first item', 'queued', [item('running'), item('waiting')], 'running'],
  ['goes on while one is open', 'running', [item('failed'), item('waiting')], 'running'],
  ['verifies when all that is open does', 'running', [item('succeeded'), item('running', 'verifying')], 'verifying'],
  ['does not verify while one waits', 'running', [item('waiting'), item('running', 'verifying')], 'running'],
  ['goes back when a verifying item starts anew', 'verifying', [item('running', 'reading')], 'running'],
  ['pauses when the last running item rests', 'pausing', [item('paused'), item('waiting')], 'paused'],
  ['is not paused while one runs', 'pausing', [item('paused'), item('running')], 'pausing'],
  ['ends even while pausing', 'pausing', [item('succeeded')], 'succeeded'],
  ['stays paused', 'paused', [item('paused')], 'paused'],
  ['cancels until the last item is tidied up', 'cancelling', [item('cancelled'), item('running')], 'cancelling'],
  ['is cancelled then', 'cancelling', [item('cancelled'), item('succeeded')], 'cancelled'],
  ['has succeeded when the cancel came too late', 'cancelling', [item('succeeded')], 'succeeded'],
  ['succeeds', 'running', [item('succeeded'), item('succeeded')], 'succeeded'],
  ['has leftovers', 'running', [item('succeeded'), item('succeeded_with_leftovers')], 'succeeded_with_leftovers'],
  ['fails', 'running', [item('failed'), item('succeeded_with_leftovers')], 'failed'],
  ['is stopped by guard before all', 'running', [item('failed'), item('stopped_by_guard')], 'stopped_by_guard'],
  ['plans', 'planning', [item('running'), item('succeeded')], 'planning'],
  ['is planned', 'planning', [item('succeeded'), item('succeeded')], 'planned'],
  ['cannot be planned', 'planning', [item('succeeded'), item('failed')], 'failed'],
  ['never leaves an end', 'cancelled', [item('running')], 'cancelled'],
])('%s', (_name, state, items, expected) => {
  expect(settled(state, items)).toBe(expected);
});
