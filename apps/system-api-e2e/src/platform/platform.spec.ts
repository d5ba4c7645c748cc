import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import { waitFor } from '@astro/testing';
import { loadDemo } from '../support/demo.js';
import { ROOT } from '../support/program.js';
import { MONITORING, type Service } from '../support/service.js';
import { Site } from '../support/site.js';

/** AstroBookings itself: its catalogue, its schema with demo data, the roles of production, the API beside the worker. */

const ROLES = {
  owner: { name: 'sync_owner', password: 'owner-canary' },
  worker: { name: 'sync_worker', password: 'worker-canary' },
  api: { name: 'sync_api', password: 'api-canary' },
};
const OFTEN = "cron: '*/3 * * * * *'";

let site: Site;
let worker: Service;
let api: Service;
let cache: Redis;
let operations: Client;
let system: Client;

beforeAll(async () => {
  site = await Site.create();
  await makeRoles();
  Object.assign(site.extraEnv, addresses());
  const catalogue = readFileSync(join(ROOT, 'config/astrobookings.yaml'), 'utf8');
  site.writeCatalogue(catalogue.replace(/cron: '[^']*'/, OFTEN));
  await loadDemo(site, site.operations.urlFor('postgres', ROLES.owner));
  await site.setUp();
  cache = site.redis(site.cache);
  operations = await site.connect(site.operations);
  system = await site.connect(site.system);
  worker = await site.startWorker();
  api = await site.startApi();
  await Promise.all([worker.ready(), api.ready()]);
  await site.settled();
}, 180_000);

afterAll(() => site.destroy(), 60_000);

/** As the set-up for production makes them: nobody but the owner may change a table. */
async function makeRoles(): Promise<void> {
  const password = ({ name, password }: { name: string; password: string }) =>
    `CREATE ROLE ${name} LOGIN PASSWORD '${password}'`;
  const source = await site.connect(site.operations);
  await source.query(`${password(ROLES.owner)}; ${password(ROLES.worker)} REPLICATION BYPASSRLS`);
  await source.query(`GRANT ALL ON DATABASE postgres TO sync_owner; GRANT ALL ON SCHEMA public TO sync_owner`);
  const target = await site.connect(site.system);
  await target.query(`${password(ROLES.owner)}; ${password(ROLES.worker)}; ${password(ROLES.api)}`);
  await target.query(`GRANT ALL ON DATABASE postgres TO sync_owner; GRANT ALL ON SCHEMA public TO sync_owner`);
  await target.query(
    `ALTER DEFAULT PRIVILEGES FOR ROLE sync_owner GRANT USAGE ON SCHEMAS TO sync_api;
     ALTER DEFAULT PRIVILEGES FOR ROLE sync_owner GRANT SELECT ON TABLES TO sync_api`,
  );
}

function addresses(): Record<string, string> {
  const { operations: source, system: target } = site;
  return {
    OPERATIONS_DATABASE_URL: source.urlFor('postgres', ROLES.worker),
    OPERATIONS_SETUP_DATABASE_URL: source.urlFor('postgres', ROLES.owner),
    SYSTEM_DATABASE_URL: target.urlFor('postgres', ROLES.worker),
    SYSTEM_SETUP_DATABASE_URL: target.urlFor('postgres', ROLES.owner),
  };
}

async function document(key: string): Promise<Record<string, unknown>> {
  return JSON.parse((await cache.get(key)) ?? 'null') as Record<string, unknown>;
}

it('shows a change made with plain SQL in CacheDB and in job_queue, with what the server saw', async () => {
  const { rows } = await operations.query<{ id: string }>(
    `UPDATE public.launches SET status = 'delayed' WHERE id = (SELECT min(id) FROM public.launches) RETURNING id`,
  );
  const id = rows[0]?.id ?? '';
  await site.settled();
  expect(await document(`{launches}:${id}`)).toMatchObject({ id, status: 'delayed' });
  const jobs = await system.query(
    `SELECT job_type, entity_type, status, data_set, unattributed, service, observed_role, observed_application,
       observed_address, data ->> 'op' AS op, data -> 'after' ->> 'status' AS after
     FROM public.job_queue WHERE entity_id = $1 ORDER BY id DESC LIMIT 1`,
    [id],
  );
  expect(jobs.rows).toEqual([
    {
      job_type: 'realtime',
      entity_type: 'public.launches',
      status: 'completed',
      data_set: 'launches',
      unattributed: true,
      service: null,
      observed_role: 'postgres',
      observed_application: 'e2e',
      observed_address: '127.0.0.1',
      op: 'update',
      after: 'delayed',
    },
  ]);
});

it('shows who says to have done it, when the application says so', async () => {
  await operations.query(
    `BEGIN; SELECT sync.set_origin('BookingAPI', 'ana', 'bookings.cancel', 'asked by phone', 'corr-1');
     UPDATE public.bookings SET status = 'canceled' WHERE id = (SELECT min(id) FROM public.bookings); COMMIT`,
  );
  await site.settled();
  const { rows } = await system.query(
    `SELECT service, "user", action, reason, correlation_id, unattributed, observed_role FROM public.job_queue
     WHERE entity_type = 'public.bookings' ORDER BY id DESC LIMIT 1`,
  );
  expect(rows).toEqual([
    {
      service: 'BookingAPI',
      user: 'ana',
      action: 'bookings.cancel',
      reason: 'asked by phone',
      correlation_id: 'corr-1',
      unattributed: false,
      observed_role: 'postgres',
    },
  ]);
});

it('moves the scheduled data set when its schedule fires', async () => {
  const invoice = 'SELECT min(id) FROM public.invoices';
  const source = await operations.query<{ id: string; row: unknown }>(
    `UPDATE public.invoices SET issued_at = now() WHERE id = (${invoice}) RETURNING id, to_json(invoices) AS row`,
  );
  const id = source.rows[0]?.id;
  const job = async () => {
    const { rows } = await system.query<{ status: string }>(
      `SELECT status FROM public.job_queue WHERE data_set = 'finance' AND entity_id = $1 ORDER BY id DESC LIMIT 1`,
      [id],
    );
    return rows[0]?.status;
  };
  await waitFor(async () => (await job()) === 'completed', { what: 'the schedule to fire', timeoutMs: 90_000 });
  const target = await system.query<{ row: unknown }>(
    'SELECT to_json(i) AS row FROM finance.invoices i WHERE id = $1',
    [id],
  );
  expect(target.rows[0]?.row).toEqual(source.rows[0]?.row);
}, 120_000);

describe('the API', () => {
  const get = (path: string) => fetch(`${api.url}${path}`, { headers: MONITORING });

  it('says that it lives, that everything is ready, and what each part does', async () => {
    expect(await (await get('/health/live')).json()).toEqual({ status: 'live' });
    const ready = await get('/health/ready');
    expect(ready.status).toBe(200);
    const status = (await (await get('/api/v1/status')).json()) as { healthy: boolean; components: { name: string }[] };
    expect(status.healthy).toBe(true);
    expect(status.components.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['SystemDB', 'CacheDB', 'capture', 'lanes', 'data set launches', 'data set finance']),
    );
  });

  it('gives metrics, as the worker does', async () => {
    expect(await (await get('/metrics')).text()).toMatch(/^sync_component_healthy\{component="capture"\} 1$/m);
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    expect(metrics).toMatch(/^sync_capture_changes_total [1-9]/m);
    expect(metrics).toMatch(/^sync_worker_component_healthy\{component="link to CacheDB"\} 1$/m);
  });

  it('answers unknown routes with problem+json', async () => {
    const response = await get('/api/v1/nothing');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({ status: 404, instance: '/api/v1/nothing' });
  });

  it('sends the headers that keep browsers from harm, and no others that tell about itself', async () => {
    const { headers } = await get('/api/v1/status');
    expect(headers.get('strict-transport-security')).toMatch(/max-age=31536000/);
    expect(headers.get('content-security-policy')).toMatch(/object-src 'none'/);
    expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('turns unready, and says why, when the worker is gone', async () => {
    await worker.program.kill();
    await api.notReady('capture', /^no word since/, 90_000);
    worker = await site.startWorker();
    await api.ready();
  }, 120_000);
});

it('writes no password into any log', () => {
  for (const { program } of [worker, api]) expect(JSON.stringify(program.log)).not.toContain('canary');
});
