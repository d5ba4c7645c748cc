import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemSchema, readinessSchema, statusSchema, type Component } from '@astro/contracts';
import { createLogger, EnvError, loadApiEnv, type ApiEnv } from '@astro/runtime';
import { createDatabase, query, testServers, waitFor, watchLeaks, type TestDatabase } from '@astro/testing';
import { startApi, type RunningApi } from './server.js';

const servers = testServers();
const noLeaks = watchLeaks();
const lines: string[] = [];
const log = createLogger('system-api', { level: 'debug', destination: { write: (line) => void lines.push(line) } });
const webRoot = mkdtempSync(join(tmpdir(), 'astro-web-'));
let database: TestDatabase;
let env: ApiEnv;
let api: RunningApi;

beforeAll(async () => {
  mkdirSync(join(webRoot, 'assets'));
  writeFileSync(join(webRoot, 'assets', 'app-1a2b.js'), 'export {};');
  writeFileSync(join(webRoot, 'index.html'), '<!doctype html><script nonce="__CSP_NONCE__"></script>');
  database = await createDatabase(servers.system, 'api');
  env = loadApiEnv({
    SYSTEM_DATABASE_URL: database.url,
    CACHE_REDIS_URL: servers.cache,
    QUEUE_REDIS_URL: servers.queue,
    TLS_CA_FILE: servers.caFile,
    API_PORT: '0',
    WEB_ROOT: webRoot,
    MONITORING_TOKEN: 'monitoring-token-of-the-tests-0123456789',
  });
  api = await startApi(env, log);
});
afterAll(async () => {
  await api.close();
  await noLeaks({ databases: [database.url] });
  await database.drop();
  rmSync(webRoot, { recursive: true });
});

/** Knows the parts, and needs no SystemDB to be known. */
const monitoring = { headers: { authorization: 'Bearer monitoring-token-of-the-tests-0123456789' } };

async function readiness(of = api): Promise<{ status: number; components: readonly Component[] }> {
  const response = await fetch(`${of.url}/health/ready`, monitoring);
  const { components } = readinessSchema.parse(await response.json());
  return { status: response.status, components };
}

/** Waits for an answer that looked at the databases after what the test did. */
async function readyWith(status: number, detail: string): Promise<void> {
  await waitFor(
    async () => {
      const now = await readiness();
      return now.status === status && now.components.some((part) => part.detail.includes(detail));
    },
    { what: `readiness ${status} with "${detail}"` },
  );
}

describe('health', () => {
  it('is live without looking at anything', async () => {
    const response = await fetch(`${api.url}/health/live`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'live' }]);
  });

  it('becomes ready when SystemDB is set up, a worker reports and its work moves', async () => {
    await readyWith(503, 'run the migrations');
    await query(
      database.url,
      'CREATE TABLE parts (component text, healthy boolean, detail text, checked_at timestamptz)',
    );
    await query(database.url, 'CREATE VIEW public.sync_health AS SELECT * FROM parts');
    await readyWith(503, 'No worker has reported yet');
    await query(database.url, `INSERT INTO parts VALUES ('lane orders', true, 'Up to date.', now())`);
    await readyWith(200, 'Up to date.');
    await query(database.url, `UPDATE parts SET healthy = false, detail = 'Stalled for 70 s.'`);
    await readyWith(503, 'Stalled for 70 s.');
    await query(database.url, `UPDATE parts SET healthy = true, detail = 'Moving.'`);
    await readyWith(200, 'Moving.');
  });

  it('tells the web app the same, with the time it looked', async () => {
    const response = await fetch(`${api.url}/api/v1/status`, monitoring);
    const status = statusSchema.parse(await response.json());
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(status.healthy).toBe(true);
    expect(status.components.map((part) => part.name)).toEqual(['SystemDB', 'CacheDB', 'Job queue', 'lane orders']);
  });

  it.each([{}, { authorization: 'Bearer wrong' }, { 'x-api-key': 'astro_wrong' }])(
    'tells strangers no details: %j',
    async (headers) => {
      const response = await fetch(`${api.url}/health/ready`, { headers });
      expect([response.status, await response.json()]).toEqual([200, { status: 'ready', components: [] }]);
      expect((await fetch(`${api.url}/metrics`, { headers })).status).toBe(401);
      expect((await fetch(`${api.url}/api/v1/status`, { headers })).status).toBe(401);
    },
  );

  it('may be asked as often as one likes, but no credential can be guessed there', async () => {
    const limited = await startApi({ ...env, requestsPerMinute: 10 }, log);
    const statuses = async (count: number, headersOf: (i: number) => Record<string, string>) => {
      const seen = new Set<number>();
      for (let i = 0; i < count; i++) {
        seen.add((await fetch(`${limited.url}/health/ready`, { headers: headersOf(i) })).status);
      }
      return [...seen];
    };
    expect(await statuses(60, () => ({}))).toEqual([200]);
    expect(await statuses(11, () => ({ authorization: 'Bearer guess' }))).toEqual([200, 429]);
    expect(await statuses(60, (i) => ({ 'x-api-key': `guess-${i}` }))).toEqual([200, 429]);
    expect(await statuses(1, () => ({}))).toEqual([200]);
    await limited.close();
  });

  it('tells Prometheus the same, next to process and request metrics', async () => {
    const text = await (await fetch(`${api.url}/metrics`, monitoring)).text();
    expect(text).toContain('sync_component_healthy{component="lane orders"} 1');
    expect(text).toContain('process_cpu_seconds_total');
    expect(text).toMatch(/http_request_duration_seconds_count\{method="GET",route="\/health\/live",status="200"\} 1/);
  });

  it('starts, lives and is not ready while the databases are away, and tells no address', async () => {
    const away = {
      systemUrl: servers.system.replace(/:\d+\//, ':1/'),
      cacheUrl: 'rediss://127.0.0.1:1',
      queueUrl: 'rediss://127.0.0.1:1',
    };
    const lonely = await startApi({ ...env, connections: { ...env.connections, ...away } }, log);
    const { status, components } = await readiness(lonely);
    expect(status).toBe(503);
    expect(components.map((part) => part.healthy)).toEqual([false, false, false, false]);
    expect(JSON.stringify(components)).not.toContain('127.0.0.1');
    expect((await fetch(`${lonely.url}/health/live`)).status).toBe(200);
    await lonely.close();
  });

  it('is not ready while it shuts down', async () => {
    const leaving = await startApi(env, log);
    expect((await readiness(leaving)).status).toBe(200);
    leaving.drain();
    const { status, components } = await readiness(leaving);
    expect([status, components[0]]).toMatchObject([503, { name: 'SystemAPI', healthy: false }]);
    await leaving.close();
  });
});

describe('errors', () => {
  const json = { 'content-type': 'application/json' };

  it.each<[string, string, RequestInit, number, string]>([
    ['an unknown address', '/api/v1/nothing', {}, 404, 'NOT_FOUND'],
    ['an unknown method', '/api/v1/status', { method: 'DELETE' }, 404, 'NOT_FOUND'],
    ['a body that is not JSON', '/api/v1/status', { method: 'POST', body: '{"a":', headers: json }, 400, 'BAD_REQUEST'],
    [
      'a body that is too large',
      '/api/v1/status',
      { method: 'POST', body: `"${'x'.repeat(200_000)}"`, headers: json },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    ['an address that cannot be decoded', '/assets/%', {}, 404, 'NOT_FOUND'],
    ['a folder outside the web app', '/assets/..%2f..%2findex.html', {}, 404, 'NOT_FOUND'],
  ])('answers %s as a problem', async (_name, path, init, status, code) => {
    const response = await fetch(api.url + path, init);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = problemSchema.parse(await response.json());
    expect(problem).toMatchObject({
      status,
      code,
      type: 'about:blank',
      requestId: response.headers.get('x-request-id'),
    });
    expect(response.status).toBe(status);
    expect(JSON.stringify(problem)).not.toMatch(/node_modules|at .*\.[jt]s/);
  });
});

describe('requests', () => {
  it.each([
    ['trace-1.a', true],
    ['x'.repeat(65), false],
    ['a b"}', false],
  ])('request id %s is kept: %s', async (given, isKept) => {
    const response = await fetch(`${api.url}/health/live`, { headers: { 'x-request-id': given } });
    expect(response.headers.get('x-request-id') === given).toBe(isKept);
  });

  it('are logged with id, path without parameters, status and duration', async () => {
    await fetch(`${api.url}/api/v1/nothing?token=hidden`, { headers: { 'x-request-id': 'logged-1' } });
    const line = await waitFor(() => lines.find((text) => text.includes('logged-1')), { what: 'the log line' });
    expect(JSON.parse(line)).toMatchObject({
      event: 'http.request',
      requestId: 'logged-1',
      method: 'GET',
      path: '/api/v1/nothing',
      status: 404,
      isComplete: true,
    });
    expect(line).not.toContain('hidden');
  });

  it('carry strict headers back', async () => {
    const { headers } = await fetch(`${api.url}/health/live`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("object-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toContain('max-age=31536000');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe('the web app', () => {
  const browser = { headers: { accept: 'text/html,*/*' } };

  it.each(['/', '/runs/7', '/index.html'])(
    'is the answer to a browser at %s, never cached, with a fresh nonce',
    async (path) => {
      const [first, second] = await Promise.all([fetch(api.url + path, browser), fetch(api.url + path, browser)]);
      const nonce = /nonce="([^"]+)"/.exec(await first.text())?.[1] ?? 'none';
      expect(first.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`);
      expect(first.headers.get('cache-control')).toBe('no-cache');
      expect(await second.text()).not.toContain(nonce);
    },
  );

  it('has files that are cached for ever', async () => {
    const response = await fetch(`${api.url}/assets/app-1a2b.js`);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it.each(['/assets/gone.js', '/api/v1/nothing', '/health/nothing'])('is not the answer at %s', async (path) => {
    expect((await fetch(api.url + path, browser)).status).toBe(404);
  });

  it('must have been built', async () => {
    const start = startApi({ ...env, webRoot: join(webRoot, 'assets') }, log);
    await expect(start).rejects.toThrow(EnvError);
  });
});

describe('the log', () => {
  it('never logs a password', () => {
    const password = new URL(servers.system).password;
    expect(lines.join('')).not.toContain(password);
  });
});
