import { type ApiKey } from '@astro/contracts';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse, type RequestHandler } from 'msw';
import { aPerson, aProblem, fakeApi, renderApp } from '../../app/render-app.fixture.js';
import './IntegrationsPage.js';

const server = fakeApi();
const LIST = '/api/v1/api-keys';
const me = aPerson('admin');

function aKey(more: Partial<ApiKey> = {}): ApiKey {
  return {
    id: '5',
    name: 'billing',
    prefix: 'astro_abc',
    scopes: ['read', 'sync'],
    createdBy: 'Ana',
    createdAt: '2026-11-01T00:00:00.000Z',
    expiresAt: '2999-02-01T00:00:00.000Z',
    lastUsedAt: null,
    lastUsedAddress: null,
    revokedAt: null,
    state: 'active',
    allowed: { revoke: { ok: true } },
    ...more,
  };
}

const answer = (...items: ApiKey[]) =>
  http.get(LIST, () => HttpResponse.json({ items, nextCursor: null, asOf: '2026-11-22T10:00:00.000Z' }));
const open = (...handlers: RequestHandler[]) => renderApp({ at: '/integrations', server, me, handlers });

describe('the API keys', () => {
  it('VS-1 VS-3 shows the shape of the table while the first answer takes long', async () => {
    await open(http.get(LIST, () => delay('infinite')));
    expect(await screen.findByText('Loading the API keys', undefined, { timeout: 5_000 })).toBeInTheDocument();
  });

  it('VS-1 VS-3 says what a key is for when there is none', async () => {
    await open(answer());
    expect(await screen.findByText('No API key yet')).toBeVisible();
  });

  it('VS-1 VS-3 explains a failure', async () => {
    await open(http.get(LIST, () => aProblem(500, { title: 'Internal error' })));
    expect(await screen.findByText('Internal error')).toBeVisible();
  });

  it.each(['viewer', 'operator', 'auditor'] as const)('is not for the role %s', async (role) => {
    await renderApp({ at: '/integrations', server, me: aPerson(role) });
    expect(screen.queryByRole('button', { name: 'Make an API key' })).not.toBeInTheDocument();
  });

  it('VS-3 shows what each may do and how it stands, and why one cannot be revoked', async () => {
    const reason = 'It is revoked already.';
    const revoked = aKey({ id: '6', name: '<b>old</b>', state: 'revoked', allowed: { revoke: { ok: false, reason } } });
    await open(answer(aKey(), revoked));
    const [, first, second] = within(await screen.findByRole('table', { name: 'API keys' })).getAllByRole('row');
    expect(first).toHaveTextContent(/billing.*read, sync.*active.*never/);
    expect(within(second as HTMLElement).getByText('<b>old</b>')).toBeVisible();
    expect(within(second as HTMLElement).getByRole('button', { name: 'Revoke' })).toHaveAccessibleDescription(reason);
  });

  it('IN-1 shows the secret once, and forgets it', async () => {
    const bodies: unknown[] = [];
    const create = http.post(LIST, async ({ request }) => {
      bodies.push(await request.json());
      return HttpResponse.json({ apiKey: aKey(), secret: 'astro_abc_secret' }, { status: 201 });
    });
    await open(create, answer());
    await userEvent.click(await screen.findByRole('button', { name: 'Make an API key' }));
    await userEvent.type(await screen.findByRole('textbox', { name: 'Name' }), 'billing');
    await userEvent.click(screen.getByRole('checkbox', { name: 'sync' }));
    await userEvent.click(screen.getByRole('button', { name: 'Make the key' }));
    expect(await screen.findByText('astro_abc_secret')).toBeInTheDocument();
    expect(bodies).toEqual([{ name: 'billing', scopes: ['read', 'sync'], expiresInDays: 90 }]);
    await userEvent.click(screen.getByRole('button', { name: 'I have kept it' }));
    await waitFor(() => expect(screen.queryByText('astro_abc_secret')).not.toBeInTheDocument());
  }, 15_000);

  it('MSG-2 says what is missing on its field', async () => {
    await open(answer());
    await userEvent.click(await screen.findByRole('button', { name: 'Make an API key' }));
    await userEvent.click(await screen.findByRole('checkbox', { name: 'read' }));
    await userEvent.click(screen.getByRole('button', { name: 'Make the key' }));
    expect(await screen.findByText('Enter a name.')).toBeInTheDocument();
    expect(screen.getByText('Choose at least one.')).toBeInTheDocument();
    expect(screen.getByRole('textbox', { name: 'Name' })).toHaveFocus();
  }, 15_000);

  it('revokes after asking', async () => {
    let revoked = '';
    const revoke = http.delete(`${LIST}/:id`, ({ params }) => {
      revoked = String(params['id']);
      return new HttpResponse(null, { status: 204 });
    });
    await open(revoke, answer(aKey()));
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke the key' }));
    await waitFor(() => expect(revoked).toBe('5'));
    expect(await screen.findByText('The API key billing is revoked')).toBeInTheDocument();
  }, 15_000);
});
