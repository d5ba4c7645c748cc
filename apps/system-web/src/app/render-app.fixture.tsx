import { type Me, type Problem, type Role, type SignedIn } from '@astro/contracts';
import { notifications } from '@mantine/notifications';
import { createMemoryHistory } from '@tanstack/react-router';
import { render, screen } from '@testing-library/react';
import { http, HttpResponse, type RequestHandler } from 'msw';
import { setupServer } from 'msw/node';
import { forgetConnection } from '../shared/connection.js';
import { unfreeze } from '../shared/freeze.js';
import { clearIgnored } from '../shared/ignored-filters.js';
import { App } from './App.js';

const HOUR_MS = 3_600_000;

/** A person of this role, as the API tells about them. */
export function aPerson(role: Role = 'operator', more: Partial<Me> = {}): Me {
  return {
    id: '7',
    email: `${role}@astro.example`,
    name: `Ana ${role}`,
    role,
    preferences: { zone: 'UTC', clock: '24h', theme: 'light', density: 'normal', shortcuts: true },
    mustChangePassword: false,
    createdAt: '2026-11-01T00:00:00.000Z',
    passwordChangedAt: '2026-11-01T00:00:00.000Z',
    ...more,
  };
}

/** What signing in answers; the token is `token-of-<email>` unless given. */
export function signedIn(me: Me, accessToken = `token-of-${me.email}`): SignedIn {
  const now = Date.now();
  return {
    accessToken,
    expiresAt: new Date(now + HOUR_MS / 6).toISOString(),
    sessionExpiresAt: new Date(now + 12 * HOUR_MS).toISOString(),
    me,
  };
}

/** An error answer of the API. */
export function aProblem(status: number, more: Partial<Problem> = {}, headers: Record<string, string> = {}) {
  const problem: Problem = {
    type: 'about:blank',
    title: 'Problem',
    status,
    detail: 'It did not work.',
    instance: '/',
    code: 'PROBLEM',
    requestId: 'request-7',
    ...more,
  };
  return HttpResponse.json(problem, { status, headers });
}

const EMPTY_PAGE = { items: [], nextCursor: null, asOf: '2026-11-22T10:00:00.000Z' };

/**
 * The network of a spec: call it once at the top level. What no handler answers fails the request, not the test.
 * @returns the MSW server; add handlers of a test through `use`
 */
export function fakeApi() {
  const server = setupServer();
  beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
  afterEach(() => {
    server.resetHandlers();
    forgetConnection();
    unfreeze();
    clearIgnored();
    notifications.clean();
    localStorage.clear();
  });
  afterAll(() => server.close());
  return server;
}

/** Handlers of what the shell asks on every page: the session of `me` (nobody for `null`) and no running run. */
export function shellHandlers(me: Me | null): RequestHandler[] {
  return [
    http.post('/api/v1/auth/refresh', () =>
      me ? HttpResponse.json(signedIn(me)) : aProblem(401, { code: 'UNAUTHENTICATED' }),
    ),
    http.post('/api/v1/auth/sign-out', () => new HttpResponse(null, { status: 204 })),
    http.get('/api/v1/runs', () => HttpResponse.json(EMPTY_PAGE)),
  ];
}

interface RenderAppOptions {
  /** The address: `/runs?state=failed`. */
  readonly at: string;
  readonly server: ReturnType<typeof fakeApi>;
  /** An operator unless given; `null` for nobody. */
  readonly me?: Me | null;
  /** They win over those of the shell. */
  readonly handlers?: readonly RequestHandler[];
}

/** The whole app at an address, with a person signed in, against handlers instead of an API. */
export async function renderApp({ at, server, me = aPerson(), handlers = [] }: RenderAppOptions) {
  server.use(...handlers, ...shellHandlers(me));
  const history = createMemoryHistory({ initialEntries: [at] });
  const view = render(<App history={history} env="test" />);
  await screen.findByRole('main');
  return { ...view, history };
}
