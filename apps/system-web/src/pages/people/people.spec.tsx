import { type User } from '@astro/contracts';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse, type RequestHandler } from 'msw';
import { aPerson, aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import './PeoplePage.js';

const server = fakeApi();
const LIST = '/api/v1/users';
const me = aPerson('admin');
const yes = { ok: true };
const no = { ok: false, reason: 'The last administrator stays one.' };

function aUser(more: Partial<User> = {}): User {
  return {
    id: '8',
    email: 'bob@astro.example',
    name: 'Bob',
    role: 'viewer',
    disabledAt: null,
    createdAt: '2026-11-01T00:00:00.000Z',
    lastSeenAt: null,
    openSessions: 2,
    allowed: { changeRole: yes, disable: yes, enable: yes, endSessions: yes, setPassword: yes },
    ...more,
  };
}

const answer = (...items: User[]) =>
  http.get(LIST, () => HttpResponse.json({ items, nextCursor: null, asOf: '2026-11-22T10:00:00.000Z' }));
const open = (...handlers: RequestHandler[]) => renderApp({ at: '/people', server, me, handlers });

describe('the people', () => {
  it('VS-1 VS-3 shows the shape of the table while the first answer takes long', async () => {
    await open(http.get(LIST, () => delay('infinite')));
    expect(await screen.findByText('Loading the people', undefined, { timeout: 5_000 })).toBeInTheDocument();
  });

  it('VS-1 VS-3 names the filter that hides everybody, and clears it', async () => {
    const { history } = await renderApp({ at: '/people?text=zoe', server, me, handlers: [answer()] });
    expect(await screen.findByText('The filters are: Name or e-mail: zoe.')).toBeVisible();
    await expect(document.body).toBeAccessible();
    await userEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
    await waitFor(() => expect(history.location.search).toBe(''));
  });

  it('VS-1 VS-3 explains a failure', async () => {
    await open(http.get(LIST, () => aProblem(500, { title: 'Internal error' })));
    expect(await screen.findByText('Internal error')).toBeVisible();
  });

  it.each(['viewer', 'operator', 'auditor'] as const)('is not for the role %s', async (role) => {
    await renderApp({ at: '/people', server, me: aPerson(role) });
    expect(screen.queryByRole('button', { name: 'Add a person' })).not.toBeInTheDocument();
  });

  it('PE-2 says why the last administrator cannot be disabled', async () => {
    const allowed = { changeRole: no, disable: no, enable: yes, endSessions: yes, setPassword: yes };
    await open(answer(aUser({ name: 'Ana', role: 'admin', allowed })));
    expect(await screen.findByRole('button', { name: 'Disable' })).toHaveAccessibleDescription(no.reason);
    expect(screen.getByRole('button', { name: 'Change role' })).toHaveAccessibleDescription(no.reason);
  });

  it('VS-3 shows who is disabled, with the way back', async () => {
    await open(answer(aUser({ name: '<b>Bob</b>', disabledAt: '2026-11-20T00:00:00.000Z' })));
    const table = within(await screen.findByRole('table', { name: 'People' }));
    expect(table.getByText('disabled')).toBeVisible();
    expect(table.getByText('<b>Bob</b>')).toBeVisible();
    expect(table.getByRole('button', { name: 'Enable' })).toBeVisible();
    expect(table.queryByRole('button', { name: 'Disable' })).not.toBeInTheDocument();
  });

  it('PE-1 gives another role after saying what it means', async () => {
    const bodies: unknown[] = [];
    const changing = http.patch(`${LIST}/8`, async ({ request }) => {
      bodies.push(await request.json());
      return HttpResponse.json(aUser({ role: 'operator' }));
    });
    await open(changing, answer(aUser()));
    await userEvent.click(await screen.findByRole('button', { name: 'Change role' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Give Bob another role?' }));
    expect(dialog.getByText('Choose another role first.')).toBeInTheDocument();
    await userEvent.click(dialog.getByRole('radio', { name: 'operator' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Give this role' }));
    expect(await screen.findByText('Bob has another role')).toBeInTheDocument();
    expect(bodies).toEqual([{ role: 'operator' }]);
  }, 15_000);

  it.each([
    ['Disable', 'Disable the person', 'Bob is disabled'],
    ['End sessions', 'End all sessions', 'Bob is signed out everywhere'],
  ])(
    'can %s after asking',
    async (verb, confirm, done) => {
      const changing = http.patch(`${LIST}/8`, () => HttpResponse.json(aUser()));
      const ending = http.delete(`${LIST}/8/sessions`, () => HttpResponse.json({ ended: 2 }));
      await open(changing, ending, answer(aUser()));
      await userEvent.click(await screen.findByRole('button', { name: verb }));
      await userEvent.click(await screen.findByRole('button', { name: confirm }));
      expect(await screen.findByText(done)).toBeInTheDocument();
    },
    15_000,
  );

  it('shows a new password once, and forgets it', async () => {
    const setting = http.post(`${LIST}/8/password`, () => HttpResponse.json({ password: 'made-by-server' }));
    await open(setting, answer(aUser()));
    await userEvent.click(await screen.findByRole('button', { name: 'Set password' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Set a new password' }));
    expect(await screen.findByText('made-by-server')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'I have kept it' }));
    await waitFor(() => expect(screen.queryByText('made-by-server')).not.toBeInTheDocument());
  }, 15_000);

  it('says in the dialog why it was refused', async () => {
    await open(
      http.patch(`${LIST}/8`, () => aProblem(409, { detail: 'Somebody else changed them.' })),
      answer(aUser()),
    );
    await userEvent.click(await screen.findByRole('button', { name: 'Disable' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Disable the person' }));
    expect(await screen.findByText('Somebody else changed them.')).toBeInTheDocument();
  }, 15_000);

  it('MSG-2 adds a person, and says what is wrong on its field', async () => {
    let isTaken = true;
    const errors = [{ pointer: '/email', detail: 'Somebody has this address.' }];
    const adding = http.post(LIST, () =>
      isTaken
        ? aProblem(400, { errors })
        : HttpResponse.json({ user: aUser(), password: 'first-one' }, { status: 201 }),
    );
    await open(adding, answer());
    await userEvent.click(await screen.findByRole('button', { name: 'Add a person' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Add a person' }));
    await userEvent.type(dialog.getByRole('textbox', { name: 'Name' }), 'Bob');
    await userEvent.type(dialog.getByRole('textbox', { name: 'E-mail address' }), 'bob@astro.example');
    await userEvent.click(dialog.getByRole('button', { name: 'Add the person' }));
    expect(await dialog.findByText('Somebody has this address.')).toBeInTheDocument();
    isTaken = false;
    await userEvent.click(dialog.getByRole('button', { name: 'Add the person' }));
    expect(await screen.findByText('first-one')).toBeInTheDocument();
  }, 20_000);
});
