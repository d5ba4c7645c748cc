import { NestFactory } from '@nestjs/core';
import { ROLES, SCOPES, type Me, type Problem } from '@astro/contracts';
import { createLogger } from '@astro/runtime';
import { watchLeaks } from '@astro/testing';
import { ApiModule } from '../api.module.js';
import { apiKeyWith, expiredToken, Person, startTestApi, type TestApi } from '../testing/api.fixture.js';
import { type AccessRule } from './access.decorators.js';
import { routeTable, type RouteAccess } from './route-table.js';

const noLeaks = watchLeaks();
const KEY_STATES = ['wrong', 'expired', 'revoked'] as const;
let site: TestApi;
let routes: readonly RouteAccess[] = [];
/** What the router of a running server really answers to. */
let live: readonly string[] = [];
/** The headers of everybody who could ask. */
const credentials = new Map<string, Record<string, string>>();

beforeAll(async () => {
  site = await startTestApi();
  const app = await NestFactory.create(ApiModule.forEnv(site.env, createLogger('routes', { level: 'silent' })), {
    logger: false,
  });
  await app.init();
  routes = routeTable(app);
  live = liveRoutes(app.getHttpAdapter().getInstance() as ExpressApp);
  await app.close();
  await makeCredentials();
});
afterAll(async () => {
  await site.close();
  await noLeaks();
});

async function makeCredentials(): Promise<void> {
  const { url } = site.api;
  const admin = await Person.withRole(url, 'admin');
  credentials.set('nobody', {});
  credentials.set('a wrong token', { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' });
  credentials.set('an expired token', { authorization: `Bearer ${await expiredToken(site)}` });
  for (const role of ROLES) {
    const { accessToken } = await Person.withRole(url, role);
    credentials.set(`role ${role}`, { authorization: `Bearer ${accessToken}` });
  }
  for (const scope of SCOPES) credentials.set(`scope ${scope}`, { 'x-api-key': await apiKeyWith(admin, scope) });
  const [wrong, expired, revoked] = [
    `${(await apiKeyWith(admin, 'read')).slice(0, -4)}aaaa`,
    await apiKeyWith(admin, 'read'),
    await apiKeyWith(admin, 'read'),
  ];
  const set = (column: string, key: string) =>
    site.sql(`UPDATE access.api_keys SET ${column} = now() WHERE prefix = $1`, [key.slice(0, 16)]);
  await set('expires_at', expired);
  await set('revoked_at', revoked);
  for (const [i, key] of [wrong, expired, revoked].entries()) {
    credentials.set(`a key that is ${KEY_STATES[i] ?? ''}`, { 'x-api-key': key });
  }
}

interface ExpressApp {
  readonly router: {
    readonly stack: readonly {
      readonly route?: { readonly path: string; readonly methods: Record<string, boolean> };
    }[];
  };
}

function liveRoutes({ router }: ExpressApp): readonly string[] {
  return router.stack
    .flatMap(({ route }) =>
      route ? Object.keys(route.methods).map((name) => `${name.toUpperCase()} ${route.path}`) : [],
    )
    .sort();
}

/** 401, 403, or whatever the route itself says. */
function expected(rule: AccessRule | undefined, who: string): string {
  if (rule?.kind === 'public') return 'let in';
  const [kind, name = ''] = who.split(' ');
  if (kind !== 'role' && kind !== 'scope') return '401 UNAUTHENTICATED';
  const granted: readonly string[] = (kind === 'role' ? rule?.roles : rule?.scopes) ?? [];
  return granted.includes(name) ? 'let in' : '403 FORBIDDEN';
}

async function answer({ method, path }: RouteAccess, headers: Record<string, string>): Promise<string> {
  // An id that nothing has, and a body that nothing takes: whoever is let in changes nothing.
  const address = site.api.url + path.replace(/:\w+/g, '999999999');
  const hasBody = !['GET', 'HEAD', 'DELETE'].includes(method);
  const response = await fetch(address, {
    method,
    headers: { ...headers, ...(hasBody && { 'content-type': 'application/json' }) },
    ...(hasBody && { body: '{"nothing":"takes this"}' }),
  });
  if (response.status < 400) {
    await response.body?.cancel();
    return 'let in';
  }
  const { status, code } = (await response.json()) as Problem;
  return code === 'UNAUTHENTICATED' || code === 'FORBIDDEN' ? `${status} ${code}` : 'let in';
}

it('the table has every route of the router, and every route says who may use it', () => {
  expect(live.length).toBeGreaterThan(20);
  expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(live);
  expect(routes.filter(({ rule }) => rule === undefined)).toEqual([]);
});

it('nothing is open but the sign-in, the health and the description of the API', () => {
  const open = routes.filter(({ rule }) => rule?.kind === 'public').map(({ path }) => path);
  const permitted = [
    '/api/v1/auth/refresh',
    '/api/v1/auth/sign-in',
    '/api/v1/auth/sign-out',
    '/health/live',
    '/health/ready',
  ];
  expect(open.filter((path) => !path.includes('openapi'))).toEqual(permitted);
});

it('IN-2 every route answers nobody, each role, each scope and each bad credential as it says', async () => {
  const told: Record<string, string> = {};
  const wanted: Record<string, string> = {};
  for (const route of routes) {
    for (const [who, headers] of credentials) {
      const cell = `${route.method} ${route.path}: ${who}`;
      told[cell] = await answer(route, headers);
      wanted[cell] = expected(route.rule, who);
    }
  }
  expect(told).toEqual(wanted);
  expect(Object.keys(told)).toHaveLength(routes.length * (3 + ROLES.length + SCOPES.length + KEY_STATES.length));
});

it('a refusal of somebody known is in the audit trail', async () => {
  const { url } = site.api;
  const [before] = await site.sql<{ count: string }>(`SELECT count(*) FROM entry_log WHERE action = 'access.refuse'`);
  const viewer = await Person.withRole(url, 'viewer');
  const refused = await viewer.get('/api/v1/users', { 'x-correlation-id': 'story-1' });
  expect(refused.body).toMatchObject({
    detail: 'This needs the role admin; you have the role viewer. Ask an administrator.',
  });
  const entries = await site.sql(`SELECT * FROM entry_log WHERE action = 'access.refuse' ORDER BY id DESC`);
  expect(entries).toHaveLength(Number(before?.count) + 1);
  expect(entries[0]).toMatchObject({
    entity_type: 'route',
    entity_id: 'GET /api/v1/users',
    result: 'refused',
    initiator_name: 'viewer@astrobookings.example',
    address: '127.0.0.1',
    correlation_id: 'story-1',
    request_id: refused.headers.get('x-request-id'),
  });
});

it('requests at the same time are never taken for each other', async () => {
  const { url } = site.api;
  const people = await Promise.all(ROLES.map((role) => Person.withRole(url, role)));
  const key = await apiKeyWith(await Person.withRole(url, 'admin'), 'read');
  const ask = async (i: number) => {
    if (i % 5 === 4) return (await new Person(url).get('/api/v1/me', { 'x-api-key': key })).status;
    const { body } = (await people[i % 5]?.get('/api/v1/me')) ?? {};
    return (body as Me).role;
  };
  const told = await Promise.all(Array.from({ length: 200 }, (_, i) => ask(i)));
  expect(told).toEqual(Array.from({ length: 200 }, (_, i) => (i % 5 === 4 ? 403 : ROLES[i % 5])));
});

it('a role that is taken or given acts at once', async () => {
  const { url } = site.api;
  const [admin, operator] = [await Person.withRole(url, 'admin'), await Person.withRole(url, 'operator')];
  const [{ id } = { id: '' }] = await site.sql<{ id: string }>(`SELECT id FROM users WHERE role = 'operator'`);
  expect((await operator.get('/api/v1/audit')).status).toBe(403);
  expect((await admin.patch(`/api/v1/users/${id}`, { role: 'auditor' })).status).toBe(200);
  expect((await operator.get('/api/v1/audit')).status).toBe(200);
  expect((await admin.patch(`/api/v1/users/${id}`, { role: 'operator' })).status).toBe(200);
  expect((await operator.get('/api/v1/audit')).status).toBe(403);
});
