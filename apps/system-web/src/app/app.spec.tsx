import { ROLES } from '@astro/contracts';
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { safeNext } from '../pages/sign-in/safe-next.js';
import { MENU_GROUPS, PAGES } from './pages.js';
import { aPerson, aProblem, fakeApi, renderApp, signedIn } from './render-app.fixture.js';
import { environmentOf } from './shell/environment.js';
import { paletteActions } from './shell/palette-actions.js';

const server = fakeApi();
const SESSIONS = http.get('/api/v1/me/sessions', () =>
  HttpResponse.json({ items: [], asOf: '2026-11-22T10:00:00.000Z' }),
);
const atMe = (me = aPerson()) => renderApp({ at: '/me', server, me, handlers: [SESSIONS] });
const fillIn = async (password: string) => {
  const form = within(screen.queryByRole('dialog') ?? screen.getByRole('main'));
  await userEvent.type(form.getByLabelText(/^Password/), password);
  await userEvent.click(form.getByRole('button', { name: 'Sign in' }));
};

describe('signing in', () => {
  it('SI-3 has fields that password managers know, and lets one see what is typed', async () => {
    await renderApp({ at: '/', server, me: null });
    expect(await screen.findByLabelText(/E-mail address/)).toHaveAttribute('autocomplete', 'username');
    const password = screen.getByLabelText(/^Password/);
    expect(password).toHaveAttribute('autocomplete', 'current-password');
    await userEvent.click(screen.getByRole('button', { name: 'Show the password' }));
    expect(password).toHaveAttribute('type', 'text');
  });

  it('SI-1 goes on to the wanted address with its filters', async () => {
    const me = aPerson();
    server.use(SESSIONS);
    const { history } = await renderApp({ at: '/me?from=link', server, me: null });
    expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeVisible();
    expect(history.location.href).toBe('/sign-in?next=%2Fme%3Ffrom%3Dlink');
    server.use(http.post('/api/v1/auth/sign-in', () => HttpResponse.json(signedIn(me))));
    await userEvent.type(screen.getByLabelText(/E-mail address/), me.email);
    await fillIn('right');
    expect(await screen.findByRole('heading', { name: 'Me' })).toBeVisible();
    expect(history.location.href).toBe('/me?from=link');
  });

  it.each([
    ['wrong', aProblem(401), 'That did not match'],
    ['locked', aProblem(429, {}, { 'retry-after': '65' }), 'You can try again in 1 min 05 s.'],
    ['broken', aProblem(503, { title: 'Service Unavailable' }), 'Service Unavailable'],
  ])('SI-3 says that it did not work: %s', async (_name, answer, expected) => {
    server.use(http.post('/api/v1/auth/sign-in', () => answer.clone()));
    await renderApp({ at: '/sign-in', server, me: null });
    await userEvent.type(await screen.findByLabelText(/E-mail address/), 'ana@astro.example');
    await fillIn('guess');
    expect(await screen.findByText(expected)).toBeVisible();
    expect(screen.getByLabelText(/^Password/)).toHaveFocus();
  });

  it('a password that somebody else set must be changed before any page opens', async () => {
    let me = aPerson('operator', { mustChangePassword: true });
    let refusals = 0;
    const { history } = await renderApp({
      ...{ at: '/runs', server, me },
      handlers: [
        http.get('/api/v1/me', () => HttpResponse.json(me)),
        http.get('/api/v1/runs', () => {
          if (!me.mustChangePassword) return undefined;
          refusals++;
          return aProblem(403, { code: 'PASSWORD_CHANGE_NEEDED' });
        }),
        http.post('/api/v1/me/password', () => {
          me = { ...me, mustChangePassword: false };
          return new HttpResponse(null, { status: 204 });
        }),
        SESSIONS,
      ],
    });
    expect(await screen.findByText('Your password must be changed')).toBeVisible();
    expect(history.location.href).toBe('/me');
    expect(screen.queryByRole('navigation')).not.toBeInTheDocument();
    await userEvent.type(await screen.findByLabelText(/Present password/), 'as I was told');
    await userEvent.type(screen.getByLabelText(/New password/), 'kettle-harbour-94');
    await userEvent.click(screen.getByRole('button', { name: 'Change the password' }));
    expect(await screen.findByRole('heading', { name: 'Me' }, { timeout: 5_000 })).toBeVisible();
    expect(screen.queryByText('Your password must be changed')).not.toBeInTheDocument();
    expect(refusals).toBe(0);
  });

  it('SI-2 a session that ends in the middle keeps the page and what was typed', async () => {
    await atMe();
    await userEvent.type(await screen.findByLabelText(/Present password/), 'half');
    let isOver = true;
    server.use(
      http.patch('/api/v1/me', () => (isOver ? aProblem(401) : HttpResponse.json(aPerson()))),
      http.post('/api/v1/auth/refresh', () => aProblem(401)),
      http.post('/api/v1/auth/sign-in', () => {
        isOver = false;
        return HttpResponse.json(signedIn(aPerson(), 'another'));
      }),
    );
    await userEvent.click(screen.getByRole('switch', { name: /Single-key shortcuts/ }));
    expect(await screen.findByRole('dialog', { name: 'Your session has ended' })).toBeVisible();
    await fillIn('right');
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(screen.getByLabelText(/Present password/)).toHaveValue('half');
  });

  it.each([
    [undefined, '/'],
    ['/runs?state=failed#top', '/runs?state=failed#top'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example', '/'],
    ['/sign-in?next=/x', '/'],
    ['/sign-information', '/sign-information'],
  ])('SI-1 the wanted address %s leads to %s', (next, expected) => {
    expect(safeNext(next)).toBe(expected);
  });
});

describe('the shell', () => {
  it.each(ROLES)('SH-1 the menu of a %s has the pages of that role that exist', async (role) => {
    await atMe(aPerson(role));
    const menu = await screen.findByRole('navigation', { name: 'Pages' });
    const links = within(menu).getAllByRole('link');
    const expected = MENU_GROUPS.flatMap((group) =>
      PAGES.filter((page) => page.group === group && page.roles.includes(role)).map(({ label }) => label),
    );
    expect(links.map(({ textContent }) => textContent)).toEqual(expected);
  });

  it('SH-1 has landmarks, one first heading, a skip link and a title', async () => {
    await atMe();
    await screen.findByRole('heading', { level: 1, name: 'Me' });
    expect(screen.getAllByRole('heading', { level: 1 })).toHaveLength(1);
    expect(screen.getByRole('banner')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Skip to content' })).toHaveAttribute(
      'href',
      `#${screen.getByRole('main').id}`,
    );
    expect(document.title).toBe('Me · AstroBookings synchronization');
  });

  it('SH-2 says that the server is away, switches writing off, and recovers alone', async () => {
    await atMe();
    const change = await screen.findByRole('button', { name: 'Change the password' });
    server.use(http.patch('/api/v1/me', () => HttpResponse.error()));
    server.use(http.get('/health/live', () => HttpResponse.error(), { once: true }));
    await userEvent.click(screen.getByRole('switch', { name: /Single-key shortcuts/ }));
    expect(await screen.findByText('The server cannot be reached')).toBeVisible();
    expect(change).toBeDisabled();
    server.use(http.get('/health/live', () => HttpResponse.json({ status: 'live' })));
    await waitFor(() => expect(screen.queryByText('The server cannot be reached')).not.toBeInTheDocument(), {
      timeout: 10_000,
    });
    expect(change).toBeEnabled();
  });

  it('EG-1 an address without a page says so and shows the ways on', async () => {
    await renderApp({ at: '/nothing/here', server });
    expect(await screen.findByRole('heading', { name: 'Not found' })).toBeVisible();
  });

  it('URL-4 a broken filter is ignored, and said', async () => {
    server.use(http.get('/api/v1/*', () => delay('infinite')));
    await renderApp({ at: '/?from=yesterday', server });
    expect(await screen.findByText(/One filter was ignored/)).toHaveTextContent('from');
    await userEvent.click(screen.getByRole('button', { name: 'Close the note' }));
    await waitFor(() => expect(screen.queryByText(/One filter was ignored/)).not.toBeInTheDocument());
  });

  it.each([
    ['localhost', 'local'],
    ['127.0.0.1', 'local'],
    ['staging.sync.example', 'staging'],
    ['sync-test.example', 'staging'],
    ['sync.example', 'production'],
    ['latest.example', 'production'],
  ])('SH-1 the host %s is %s', (host, kind) => {
    expect(environmentOf(host).kind).toBe(kind);
  });
});

describe('keys', () => {
  it('KB-2 go to pages, stop updates, show the help; none in a field', async () => {
    const { history } = await atMe();
    await userEvent.type(await screen.findByLabelText(/Present password/), 'p?go');
    expect(screen.queryByText(/Frozen at/)).not.toBeInTheDocument();
    act(() => screen.getByRole('main').focus());
    await userEvent.keyboard('p');
    expect(await screen.findByText(/Frozen at/)).toBeVisible();
    await userEvent.keyboard('p?');
    expect(await screen.findByRole('dialog', { name: 'Help' })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    server.use(http.get('/api/v1/*', () => delay('infinite')));
    await userEvent.keyboard('go');
    await waitFor(() => expect(history.location.pathname).toBe('/'));
    expect(screen.getByRole('main')).toHaveFocus();
  });

  it('KB-2 switched off, none of them fires', async () => {
    const me = aPerson();
    await atMe({ ...me, preferences: { ...me.preferences, shortcuts: false } });
    await screen.findByRole('heading', { name: 'Me' });
    await userEvent.keyboard('p?go');
    expect(screen.queryByText(/Frozen at/)).not.toBeInTheDocument();
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(screen.getByRole('heading', { name: 'Me' })).toBeVisible();
  });

  it.each(ROLES)('KB-3 the palette offers a %s nothing that cannot be opened', (role) => {
    const open = PAGES.filter(({ roles }) => roles.includes(role)).map(({ path }) => path.split('/$')[0]);
    for (const query of ['', 'o', '12', 'orders']) {
      for (const { href } of paletteActions({ query, role, dataSets: ['orders'] })) {
        const { pathname } = new URL(href, 'http://x');
        expect(open.some((path) => path === pathname || (path !== '/' && pathname.startsWith(`${path}/`)))).toBe(true);
      }
    }
  });

  it('KB-3 opens by its keys and goes to a page', async () => {
    const { history } = await renderApp({ at: '/nothing', server, handlers: [SESSIONS] });
    server.use(http.get('/api/v1/data-sets', () => aProblem(404)));
    await userEvent.keyboard('{Control>}k{/Control}');
    await userEvent.type(await screen.findByRole('textbox', { name: 'Search and commands' }), 'me{Enter}');
    await waitFor(() => expect(history.location.pathname).toBe('/me'));
  });

  it('takes the key that follows its own, and gives the focus back', async () => {
    await atMe();
    server.use(http.get('/api/v1/data-sets', () => aProblem(404)));
    const link = await screen.findByRole('link', { name: 'Changes' });
    link.focus();
    fireEvent.keyDown(link, { key: 'k', code: 'KeyK', ctrlKey: true });
    await Promise.resolve(); // no timer has run
    expect(screen.getByRole('textbox', { name: 'Search and commands' })).toHaveFocus();
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(link).toHaveFocus());
  });
});

/** The scheme of the document each time something is drawn, from the first page of the signed-in person on. */
function schemesOf(shown: () => Element | null): string[] {
  const seen: string[] = [];
  const note = (): void => {
    if (shown()) seen.push(document.documentElement.getAttribute('data-mantine-color-scheme') ?? 'none');
  };
  const observer = new MutationObserver(note);
  observer.observe(document, { subtree: true, childList: true, attributes: true });
  return seen;
}

describe('Me', () => {
  it('ME-2 no page of the person is drawn in colours that are not theirs', async () => {
    const dark = aPerson('operator', { preferences: { ...aPerson().preferences, theme: 'dark' } });
    const seen = schemesOf(() => document.querySelector('header'));
    await atMe(dark);
    expect(await screen.findByRole('heading', { name: 'Me' })).toBeVisible();
    expect(seen).not.toHaveLength(0);
    expect(new Set(seen)).toEqual(new Set(['dark']));
  });

  it('ME-1 keeps a choice on the server, and takes it back when that fails', async () => {
    await atMe();
    const sent: unknown[] = [];
    server.use(
      http.patch('/api/v1/me', async ({ request }) => {
        sent.push(await request.json());
        return aProblem(503);
      }),
    );
    await userEvent.click(await screen.findByRole('radio', { name: '12 h' }));
    expect(await screen.findByText('Your choice could not be kept')).toBeVisible();
    expect(sent).toEqual([{ preferences: { clock: '12h' } }]);
    expect(screen.getByRole('radio', { name: '24 h' })).toBeChecked();
  });

  it('MSG-2 a refused password is marked at its field, which gets the focus', async () => {
    await atMe();
    server.use(
      http.post('/api/v1/me/password', () =>
        aProblem(400, { errors: [{ pointer: '/newPassword', detail: 'It is too common.' }] }),
      ),
    );
    await userEvent.type(await screen.findByLabelText(/Present password/), 'old');
    await userEvent.type(screen.getByLabelText(/New password/), 'password1');
    await userEvent.click(screen.getByRole('button', { name: 'Change the password' }));
    expect(await screen.findByText('It is too common.')).toBeVisible();
    expect(screen.getByLabelText(/New password/)).toHaveFocus();
  });
});
