import { waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { aPerson, aProblem, fakeApi, signedIn } from '../../app/render-app.fixture.js';
import { configureApiClient } from '../../shared/api-client.js';
import { authorizedFetch } from '../../shared/api.js';
import { setCredentials } from '../../shared/credentials.js';
import { SessionStore } from './session-store.js';

const server = fakeApi();
const REFRESH = '/api/v1/auth/refresh';
const ana = aPerson();

/** A session whose access token is `first`, and an API that takes only `second`. */
async function started() {
  configureApiClient();
  let refreshes = 0;
  const tokens = ['first', 'second'];
  server.use(
    http.post(REFRESH, ({ request }) => {
      const token = tokens[refreshes++];
      const isOwn = request.headers.get('x-requested-with') === 'astro';
      return token && isOwn ? HttpResponse.json(signedIn(ana, token)) : aProblem(401);
    }),
    http.get('/api/v1/things', ({ request }) =>
      request.headers.get('authorization') === 'Bearer second' ? HttpResponse.json({ ok: true }) : aProblem(401),
    ),
  );
  const session = new SessionStore();
  setCredentials(session);
  await session.start();
  return { session, refreshes: () => refreshes };
}

it('takes up an earlier session through the cookie', async () => {
  const { session } = await started();
  expect(session.getState()).toMatchObject({ phase: 'signed_in', me: { name: ana.name } });
  expect(await session.token()).toBe('first');
});

it('renews the token once for many requests that were refused, and repeats them', async () => {
  const { refreshes } = await started();
  const answers = await Promise.all([1, 2, 3].map(() => authorizedFetch('/api/v1/things')));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(refreshes()).toBe(2);
});

it('SI-2 waits for the person when the session has ended, then goes on with what was asked', async () => {
  const { session } = await started();
  server.use(
    http.post(REFRESH, () => aProblem(401)),
    http.post('/api/v1/auth/sign-in', () => HttpResponse.json(signedIn(ana, 'second'))),
  );
  const answer = authorizedFetch('/api/v1/things');
  await waitFor(() => expect(session.getState().phase).toBe('ended'));
  await session.signIn({ email: ana.email, password: 'x' });
  expect((await answer).status).toBe(200);
  expect(session.getState().phase).toBe('signed_in');
});

it('SI-2 gives up what was asked when the person leaves instead', async () => {
  const { session } = await started();
  server.use(
    http.post(REFRESH, () => aProblem(401)),
    http.post('/api/v1/auth/sign-out', () => HttpResponse.error()),
  );
  const answer = authorizedFetch('/api/v1/things');
  await waitFor(() => expect(session.getState().phase).toBe('ended'));
  await session.signOut();
  expect((await answer).status).toBe(401);
  expect(session.getState().phase).toBe('signed_out');
  expect(await session.token()).toBeNull();
});

it('keeps the session when the server is away while a token should be renewed', async () => {
  const { session } = await started();
  server.use(http.post(REFRESH, () => HttpResponse.error()));
  await expect(authorizedFetch('/api/v1/things')).rejects.toMatchObject({ code: 'UNREACHABLE' });
  expect(session.getState().phase).toBe('signed_in');
});

it('renews a token that is about to end before it is used', async () => {
  const { refreshes, session } = await started();
  jest.useFakeTimers({
    now: Date.now() + 9.8 * 60_000,
    doNotFake: ['queueMicrotask', 'setTimeout', 'setInterval', 'setImmediate', 'nextTick'],
  });
  expect(await session.token()).toBe('second');
  jest.useRealTimers();
  expect(refreshes()).toBe(2);
});

it.each([
  ['nobody is signed in', () => aProblem(401), 'signed_out'],
  ['the server is away', () => HttpResponse.error(), 'unreachable'],
  ['the server is broken', () => aProblem(500), 'unreachable'],
])('knows at the start that %s', async (_name, answer, phase) => {
  configureApiClient();
  server.use(http.post(REFRESH, answer));
  const session = new SessionStore();
  await session.start();
  expect(session.getState().phase).toBe(phase);
});
