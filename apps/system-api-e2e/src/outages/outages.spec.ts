import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import type { EmbeddedPostgres, EmbeddedRedis } from '@astro/embedded';
import { waitFor } from '@astro/testing';
import { differences, documentRows, textRows } from '../support/rows.js';
import type { Service } from '../support/service.js';
import { Site } from '../support/site.js';

/** Databases go away and come back; slots are taken away. The worker says what is wrong and loses nothing. */

const SCHEMA = `
CREATE TABLE public.items (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
INSERT INTO public.items (name) SELECT 'first' FROM generate_series(1, 100)`;
const DATA_SETS = `  items:
    from: operations
    to: cache
    tables: [public.items]
  copies:
    from: operations
    to: system
    tables:
      - table: public.items
        into: public.item_copies`;

let site: Site;
let worker: Service;
let cache: Redis;
let servers: Readonly<Record<string, EmbeddedPostgres | EmbeddedRedis>>;

beforeAll(async () => {
  site = await Site.create();
  await (await site.connect(site.operations)).query(SCHEMA);
  site.writeDataSets(DATA_SETS);
  await site.setUp();
  cache = site.redis(site.cache);
  const { operations, system, queue } = site;
  servers = { OperationsDB: operations, SystemDB: system, CacheDB: site.cache, 'job queue': queue };
}, 120_000);

afterAll(() => site.destroy(), 60_000);

async function start(): Promise<void> {
  worker = await site.startWorker();
  await worker.ready();
}

async function change(name: string): Promise<void> {
  const operations = await site.connect(site.operations);
  await operations.query(
    `INSERT INTO public.items (name) VALUES ('${name}'); UPDATE public.items SET name = '${name}' WHERE id % 10 = 0;
     DELETE FROM public.items WHERE id = (SELECT min(id) FROM public.items)`,
  );
  await operations.end();
}

async function expectEqual(): Promise<void> {
  await site.settled();
  const operations: Client = await site.connect(site.operations);
  const items = await textRows(operations, 'SELECT * FROM public.items');
  expect(differences(items, await documentRows(cache, '{items}:'))).toEqual([]);
  const copies = await textRows(await site.connect(site.system), 'SELECT * FROM public.item_copies');
  expect(differences(items, copies)).toEqual([]);
}

describe('at the start', () => {
  it.each(['OperationsDB', 'SystemDB'])('waits for %s, says so, and starts when it comes', async (name) => {
    const server = servers[name] as EmbeddedPostgres;
    await server.stop();
    worker = await site.startWorker();
    const reason = `${name}  nothing listens on 127.0.0.1:${server.port}; start the server, or correct host and port in `;
    await worker.program.logged('start.waiting', reason);
    expect(await worker.notReady('databases', /^waiting/)).toContain(reason);
    await server.start();
    await worker.ready();
    await expectEqual();
    expect((await worker.program.stop()).code).toBe(0);
  });

  it('ends at once on SIGTERM while it waits', async () => {
    await site.operations.stop();
    worker = await site.startWorker();
    await worker.program.logged('start.waiting');
    expect((await worker.program.stop()).code).toBe(0);
    await site.operations.start();
  });

  it.each(['CacheDB', 'job queue'])('goes on without the %s, says so, and uses it when it comes', async (name) => {
    const server = servers[name] as EmbeddedRedis;
    await server.stop();
    worker = await site.startWorker();
    await worker.program.logged('start.redis_away', `${name}  nothing listens on 127.0.0.1:${server.port}`);
    await worker.notReady(`link to ${name}`, /^Cannot be reached/);
    await change(`while the ${name} was away`);
    await server.start();
    await worker.ready();
    await expectEqual();
    expect((await worker.program.stop()).code).toBe(0);
  });
});

describe('later', () => {
  beforeAll(start);
  afterAll(() => worker.program.stop());

  it.each(['OperationsDB', 'SystemDB', 'CacheDB', 'job queue'])('says that %s is away and recovers', async (name) => {
    const server = servers[name] as EmbeddedPostgres;
    await change(`before the ${name} went`);
    await server.stop();
    await worker.notReady(`link to ${name}`, /^Cannot be reached/);
    if (name !== 'OperationsDB') await change(`while the ${name} was away`);
    await server.start();
    await worker.ready();
    await change(`after the ${name} came back`);
    await expectEqual();
  });

  it('says that a Redis began to drop data', async () => {
    await cache.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await worker.notReady(
      'link to CacheDB',
      /maxmemory-policy is "allkeys-lru".*CONFIG SET maxmemory-policy noeviction/,
    );
    await cache.config('SET', 'maxmemory-policy', 'noeviction');
    await worker.ready();
  });

  it('ends in order on SIGTERM while the job queue is away', async () => {
    await site.queue.stop();
    await worker.notReady('link to job queue', /^Cannot be reached/);
    const end = await worker.program.stop();
    await site.queue.start();
    await start();
    expect(end.stdout).not.toContain('shutdown.step_failed');
    expect(end).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a gap', () => {
  beforeAll(start);

  const FREE_SLOT = `SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots
    WHERE slot_name = 'astro_sync' AND active`;

  /** Ends the reader, lets a change happen, and does `statement` before the reader is back. */
  async function withFreeSlot(statement: string): Promise<void> {
    const operations = await site.connect(site.operations);
    worker.program.pause();
    try {
      await operations.query(FREE_SLOT);
      await operations.query(`INSERT INTO public.items (name) VALUES ('in between')`);
      await operations.query(statement);
    } finally {
      worker.program.resume();
    }
  }

  it('is not hidden by a copy that was under way, and its resync is not taken for done', async () => {
    const system = await site.connect(site.system);
    await site.sync(['resync', '--all']);
    const isCopying = async () =>
      (await system.query(`SELECT FROM sync.ledger_lanes WHERE state = 'copying'`)).rowCount !== 0;
    await waitFor(isCopying, { what: 'a copy to begin' });
    await withFreeSlot(`SELECT pg_drop_replication_slot('astro_sync')`);
    await worker.notReady('capture', /^gap: /);
    await change('during a gap');
    expect((await site.sync(['resync', '--all'])).code).toBe(0);
    await worker.ready();
    await expectEqual();
  }, 180_000);

  it.each([
    ['dropped the slot', `SELECT pg_drop_replication_slot('astro_sync')`, /Slot "astro_sync" is gone/],
    [
      'advanced the slot',
      `SELECT pg_replication_slot_advance('astro_sync', pg_current_wal_lsn())`,
      /someone advanced the slot/,
    ],
  ])(
    'is loud when someone %s, and resync heals it',
    async (what, statement, reason) => {
      await withFreeSlot(statement);
      await worker.notReady('capture', new RegExp(`^gap: .*${reason.source}.*resync --all`));
      const system = await site.connect(site.system);
      const { rows } = await system.query<{ state: string; reason: string }>(
        'SELECT DISTINCT state, reason FROM sync.ledger_lanes',
      );
      expect(rows).toEqual([{ state: 'needs_resync', reason: expect.stringMatching(reason) as string }]);
      await worker.program.logged('capture.gap');
      const everyLaneSaysIt = async () => {
        const { stdout } = await site.sync(['status']);
        return ['items', 'copies'].every((name) => stdout.includes(`PROBLEM  data set ${name}: needs resync: `));
      };
      await waitFor(everyLaneSaysIt, { what: 'the status of both data sets to say it' });
      await change(`after someone ${what}`);
      expect((await site.sync(['resync', 'items'])).stderr).toMatch(/only all data sets can be resynced: --all/);
      const healed = await site.sync(['resync', '--all']);
      expect(healed).toMatchObject({ code: 0, stdout: expect.stringContaining('2 data sets will be copied again') });
      await worker.ready();
      await expectEqual();
      await change('and the stream goes on');
      await expectEqual();
    },
    180_000,
  );
});
