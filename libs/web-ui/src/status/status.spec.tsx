import { ITEM_STATES, ROLES, RUN_STATES, dataSetStatusSchema } from '@astro/contracts';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderUi } from '../test/render.fixture.js';
import { StatusBadge } from './StatusBadge.js';
import { lookOf, STATUS_WORDS, type StatusKind } from './status-words.js';
import { mayUse, RUN_VERBS, runVerbs, type RunVerb } from './verbs.js';
import { VerbButton } from './VerbButton.js';

const kinds = Object.keys(STATUS_WORDS) as StatusKind[];
const everyStatus = kinds.flatMap((kind) => Object.keys(STATUS_WORDS[kind]).map((status) => [kind, status] as const));

describe('the words of states', () => {
  it.each(everyStatus)('ST-2 a %s that is %s has a word, an icon and a tone', (kind, status) => {
    const { container } = renderUi(<StatusBadge kind={kind} status={status} />);
    expect(screen.getByText(lookOf(kind, status).word)).toBeVisible();
    expect(container.querySelector('svg')).toHaveAttribute('aria-hidden', 'true');
    expect(lookOf(kind, status).word).toMatch(/^[a-z ]+$/);
  });

  it('ST-1 every state that the API knows has its own word', () => {
    for (const state of [...RUN_STATES, ...ITEM_STATES]) expect(STATUS_WORDS.run).toHaveProperty(state);
    for (const state of dataSetStatusSchema.options) expect(STATUS_WORDS.data_set).toHaveProperty(state);
  });

  it.each(['brand_new', 'constructor', ''])('ST-2 the unknown state "%s" is shown as it is named', (status) => {
    expect(lookOf('run', status)).toMatchObject({ word: status.replace('_', ' '), tone: 'gray' });
  });
});

describe('verbs', () => {
  const table: Record<string, readonly RunVerb[]> = {
    planning: ['cancel'],
    planned: ['start', 'discard'],
    waiting_for_approval: ['discard'],
    waiting: ['cancel'],
    queued: ['cancel'],
    running: ['pause', 'cancel'],
    pausing: ['cancel'],
    paused: ['resume', 'cancel'],
    cancelling: [],
    verifying: ['cancel'],
    succeeded: ['run_again'],
    succeeded_with_leftovers: ['retry', 'run_again'],
    failed: ['retry', 'run_again'],
    cancelled: ['run_again'],
    stopped_by_guard: ['retry', 'run_again'],
  };
  const states = Object.keys(STATUS_WORDS.run) as (keyof typeof STATUS_WORDS.run)[];
  const cells = states.flatMap((state) =>
    RUN_VERBS.flatMap((verb) => ROLES.map((role) => [state, verb, role] as const)),
  );

  it.each(cells)('ST-1 %s × %s × %s', (state, verb, role) => {
    const isSteering = role === 'operator' || role === 'admin';
    const expected = isSteering && (table[state] ?? []).includes(verb);
    const allowed = mayUse(verb, state, role);
    expect(allowed.ok).toBe(expected);
    if (!expected) expect(allowed.reason).toMatch(/\.$/);
    expect(runVerbs(state)).toEqual(table[state]);
  });

  it('ST-1 a verb that is not allowed stays, does nothing, and says why', async () => {
    const onClick = jest.fn();
    renderUi(
      <VerbButton allowed={{ ok: false, reason: 'It has ended.' }} onClick={onClick}>
        Pause
      </VerbButton>,
    );
    const button = screen.getByRole('button', { name: 'Pause' });
    await userEvent.click(button);
    expect(onClick).not.toHaveBeenCalled();
    expect(button).toHaveAttribute('aria-disabled', 'true');
    expect(button).toHaveAccessibleDescription('It has ended.');
    button.focus();
    expect(button).toHaveFocus();
    expect(await screen.findByRole('tooltip')).toHaveTextContent('It has ended.');
  });

  it('ST-1 a verb that is allowed acts', async () => {
    const onClick = jest.fn();
    renderUi(
      <VerbButton allowed={{ ok: true }} onClick={onClick}>
        Pause
      </VerbButton>,
    );
    await userEvent.click(screen.getByRole('button', { name: 'Pause' }));
    expect(onClick).toHaveBeenCalledTimes(1);
  });
});
