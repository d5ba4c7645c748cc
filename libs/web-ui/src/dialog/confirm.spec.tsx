import { useState } from 'react';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderUi } from '../test/render.fixture.js';
import { type Confirmation, type ConfirmDialogProps } from './confirm-props.js';
import { type ConfirmInput, whyNotYet } from './confirm-state.js';
import { ConfirmDialog } from './ConfirmDialog.js';

const MINUTE_MS = 60_000;
const input = (more: Partial<ConfirmInput>): ConfirmInput => ({
  tier: 1,
  reason: '',
  nameToType: undefined,
  typedName: '',
  numbersAtMs: null,
  nowMs: 100 * MINUTE_MS,
  blockedReason: null,
  ...more,
});

it.each<[string, Partial<ConfirmInput>, RegExp | null]>([
  ['tier 1', {}, null],
  ['tier 2 without a reason', { tier: 2 }, /reason/],
  ['tier 2 with blanks as reason', { tier: 2, reason: '  ' }, /reason/],
  ['tier 2 with a reason', { tier: 2, reason: 'x' }, null],
  ['tier 2 with old numbers', { tier: 2, reason: 'x', numbersAtMs: 80 * MINUTE_MS }, null],
  ['tier 3 with old numbers', { tier: 3, reason: 'x', numbersAtMs: 89 * MINUTE_MS }, /older than 10 minutes/],
  ['tier 3 with another name', { tier: 3, reason: 'x', nameToType: 'orders', typedName: 'order' }, /Type orders/],
  ['tier 3 with the name', { tier: 3, reason: 'x', nameToType: 'orders', typedName: 'orders' }, null],
  ['anything while the server is away', { blockedReason: 'The server is away.' }, /away/],
])('CF-1 %s', (_name, more, expected) => {
  if (expected === null) expect(whyNotYet(input(more))).toBeNull();
  else expect(whyNotYet(input(more))).toMatch(expected);
});

type Act = ConfirmDialogProps['onConfirm'];

function Example({ onConfirm, ...props }: Partial<ConfirmDialogProps> & { readonly onConfirm: Act }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <button onClick={() => setOpened(true)}>open</button>
      <ConfirmDialog
        tier={1}
        title="Cancel run 12?"
        confirmLabel="Cancel the run"
        keepLabel="Keep it running"
        {...props}
        opened={opened}
        onClose={() => setOpened(false)}
        onConfirm={onConfirm}
      >
        12 400 of 80 000 rows are already applied and stay.
      </ConfirmDialog>
    </>
  );
}

const act = () => jest.fn<Promise<unknown>, [Confirmation]>(() => Promise.resolve());
const openIt = async () => {
  await userEvent.click(screen.getByRole('button', { name: 'open' }));
  return screen.findByRole('dialog', { name: 'Cancel run 12?' });
};

describe('the dialog', () => {
  it('CF-1 starts on the safe button, is left by Escape, and gives the focus back', async () => {
    const onConfirm = act();
    renderUi(<Example onConfirm={onConfirm} />);
    await openIt();
    await waitFor(() => expect(screen.getByRole('button', { name: 'Keep it running' })).toHaveFocus());
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(onConfirm).not.toHaveBeenCalled();
    await waitFor(() => expect(screen.getByRole('button', { name: 'open' })).toHaveFocus());
  });

  it('CF-1 sends the same key again after a failure, says the failure, and closes on success', async () => {
    const onConfirm = act().mockRejectedValueOnce(new Error('The answer got lost.'));
    renderUi(<Example onConfirm={onConfirm} />);
    await openIt();
    await userEvent.type(screen.getByRole('textbox', { name: /Reason/ }), ' wrong day ');
    await userEvent.click(screen.getByRole('button', { name: 'Cancel the run' }));
    expect(await screen.findByText('The answer got lost.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel the run' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    const [first, second] = onConfirm.mock.calls.map(([confirmation]) => confirmation);
    expect(first).toEqual(second);
    expect(first).toEqual({ idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/), reason: 'wrong day' });
  });

  it('CF-1 a double click is one act, and the next opening has another key', async () => {
    let finish: () => void = () => undefined;
    const onConfirm = act().mockImplementation(() => new Promise<void>((resolve) => (finish = resolve)));
    renderUi(<Example onConfirm={onConfirm} />);
    await openIt();
    await userEvent.dblClick(screen.getByRole('button', { name: 'Cancel the run' }));
    expect(onConfirm).toHaveBeenCalledTimes(1);
    finish();
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    await openIt();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel the run' }));
    const [first, second] = onConfirm.mock.calls.map(([confirmation]) => confirmation.idempotencyKey);
    expect(first).not.toBe(second);
  });

  it('CF-1 tier 2 shows the numbers with their age and the line for a terminal, and wants a reason', async () => {
    const onConfirm = act();
    const numbers = { at: new Date().toISOString(), items: [{ name: 'To remove', value: '31 rows' }] };
    renderUi(
      <Example
        tier={2}
        numbers={numbers}
        commandLine={({ idempotencyKey }) => `curl -H 'Idempotency-Key: ${idempotencyKey}' …`}
        onConfirm={onConfirm}
      />,
    );
    await openIt();
    expect(screen.getByText('31 rows')).toBeVisible();
    expect(screen.getByText(/These numbers are \d s old/)).toBeVisible();
    expect(screen.getByText(/^curl -H 'Idempotency-Key: [0-9a-f]{32}'/)).toBeVisible();
    const confirm = screen.getByRole('button', { name: 'Cancel the run' });
    expect(confirm).toHaveAccessibleDescription('Give a reason first.');
    await userEvent.click(confirm);
    expect(onConfirm).not.toHaveBeenCalled();
    await userEvent.type(screen.getByRole('textbox', { name: /Reason/ }), 'late data');
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(onConfirm).toHaveBeenCalledTimes(1));
  });

  it('CF-1 tier 3 wants the name, and Enter does nothing until it matches', async () => {
    const onConfirm = act();
    renderUi(<Example tier={3} nameToType="orders" onConfirm={onConfirm} />);
    await openIt();
    await userEvent.type(screen.getByRole('textbox', { name: /Reason/ }), 'rebuild');
    await userEvent.type(screen.getByRole('textbox', { name: /Type orders/ }), 'order{Enter}');
    await userEvent.click(screen.getByRole('button', { name: 'Cancel the run' }));
    expect(onConfirm).not.toHaveBeenCalled();
    await userEvent.type(screen.getByRole('textbox', { name: /Type orders/ }), 's');
    await userEvent.click(screen.getByRole('button', { name: 'Cancel the run' }));
    expect(onConfirm).toHaveBeenCalledTimes(1);
  });
});
