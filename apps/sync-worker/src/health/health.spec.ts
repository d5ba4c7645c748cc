import { readinessSchema } from '@astro/contracts';
import { createLogger } from '@astro/runtime';
import { HealthRegistry } from './health-registry.js';
import { HealthServer } from './health-server.js';
import { WorkerMetrics } from './worker-metrics.js';

const log = createLogger('sync-worker', { level: 'silent' });
let health: HealthRegistry;
let server: HealthServer;

beforeEach(async () => {
  health = new HealthRegistry(log);
  server = new HealthServer(health, new WorkerMetrics(health));
  await server.listen(0, '127.0.0.1');
});
afterEach(() => server.close());

async function ready() {
  const response = await fetch(`${server.url}/health/ready`);
  return { status: response.status, ...readinessSchema.parse(await response.json()).components.at(-1) };
}

it('is not ready while it starts and while it shuts down', async () => {
  expect(await ready()).toMatchObject({ status: 503, detail: 'Starting.' });
  health.started();
  expect(await ready()).toMatchObject({ status: 200, detail: 'Started.' });
  health.drain();
  health.started();
  expect(await ready()).toMatchObject({ status: 503, detail: 'Shutting down.' });
});

it('is ready when every part is healthy, and says which one is not', async () => {
  health.started();
  const state = { healthy: true, detail: 'Streaming.' };
  const remove = health.register({ name: 'capture', check: () => state });
  expect(await ready()).toMatchObject({ status: 200, name: 'capture', detail: 'Streaming.' });
  Object.assign(state, { healthy: false, detail: 'No word from the source for 40 s.' });
  expect(await ready()).toMatchObject({ status: 503, name: 'capture', detail: 'No word from the source for 40 s.' });
  remove();
  expect(await ready()).toMatchObject({ status: 200, name: 'worker' });
});

it.each<[string, () => Promise<never>]>([
  ['throws', () => Promise.reject(new Error('postgres://u:p@h/d'))],
  ['hangs', () => new Promise(() => undefined)],
])('counts a check that %s as unhealthy', async (_name, check) => {
  health.started();
  health.register({ name: 'apply', check });
  expect(await ready()).toEqual({
    status: 503,
    name: 'apply',
    healthy: false,
    detail: 'Its health check failed; the log says why.',
  });
});

it('is live whatever its parts say, and has metrics of them', async () => {
  health.started();
  health.register({ name: 'apply', check: () => ({ healthy: false, detail: 'x' }) });
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  const metrics = await (await fetch(`${server.url}/metrics?x=1`)).text();
  expect(metrics).toContain('sync_worker_component_healthy{component="apply"} 0');
  expect(metrics).toContain('process_cpu_seconds_total');
});

it.each([
  ['GET', '/', 404],
  ['GET', '/health', 404],
  ['POST', '/health/live', 405],
])('answers %s %s with %i', async (method, path, status) => {
  expect((await fetch(server.url + path, { method })).status).toBe(status);
});

it('does not start on a port that is taken', async () => {
  const { port } = new URL(server.url);
  const second = new HealthServer(health, new WorkerMetrics(health));
  await expect(second.listen(Number(port), '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
