import { waitFor } from '@astro/testing';
import type { Redis } from 'ioredis';
import { Random } from '../support/random.js';
import { differences, documentRows, textRows } from '../support/rows.js';
import type { Service } from '../support/service.js';
import { Site } from '../support/site.js';
import { planBlows, type Blow } from './plan.js';
import { ALL_ORDERS, DATA_SETS, fillShop } from './shop.js';
import { compareCounts, identity, recordedChanges } from './verdict.js';
import { ShopWriter } from './writer.js';

/**
 * Two workers are killed at random under load, each Redis is flushed and both databases crash; afterwards nothing
 * may be missing, doubled or stale. Two minutes of it: CHAOS_SECONDS=120; another run of events: CHAOS_SEED=7.
 */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 20);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
const CHANGES_PER_SECOND = 500;
const CHANGES = SECONDS * CHANGES_PER_SECOND;
const LIMIT_MS = 180_000 + SECONDS * 5000;

let site: Site;
let workers: [Service, Service];
let cache: Redis;
let queue: Redis;
const dealt: Record<string, number> = {};

beforeAll(async () => {
  site = await Site.create();
  await fillShop(await site.connect(site.operations));
  site.writeDataSets(DATA_SETS);
  await site.setUp();
  cache = site.redis(site.cache);
  queue = site.redis(site.queue);
  workers = [await site.startWorker(), await site.startWorker()];
  await Promise.all(workers.map((worker) => worker.ready()));
  await site.settled();
}, 120_000);

afterAll(() => site.destroy(), 60_000);

it(
  'loses, doubles and delays nothing while everything fails',
  async () => {
    const writer = new ShopWriter({
      connect: () => site.connect(site.operations),
      changesPerSecond: CHANGES_PER_SECOND,
      writers: 4,
      seed: SEED,
    });
    const startedAtMs = performance.now();
    writer.start();
    const reached = (changes: number) =>
      waitFor(() => writer.committed.length >= changes, { what: `${changes} changes`, timeoutMs: LIMIT_MS });
    for (const { atChange, blow } of planBlows(new Random(SEED), CHANGES)) {
      await reached(atChange);
      await deal(blow);
    }
    await reached(CHANGES);
    await writer.stop();
    const writtenS = (performance.now() - startedAtMs) / 1000;
    await site.settled(120_000);
    const settledS = (performance.now() - startedAtMs) / 1000 - writtenS;
    await expectWhole(writer);
    if (process.env['CHAOS_SECONDS']) report({ writer, writtenS, settledS });
  },
  LIMIT_MS * 2,
);

async function deal(blow: Blow): Promise<void> {
  dealt[blow.kind] = (dealt[blow.kind] ?? 0) + 1;
  switch (blow.kind) {
    case 'kill':
      return killAndRestart(await victims(blow.worker));
    case 'flush cache':
      return void (await cache.flushall());
    case 'flush queue':
      return void (await queue.flushall());
    case 'crash OperationsDB':
      await site.operations.stop('immediate');
      return site.operations.start();
    case 'crash SystemDB':
      await site.system.stop('immediate');
      return site.system.start();
  }
}

async function victims(worker: 0 | 1 | 'capturing' | 'both'): Promise<readonly number[]> {
  if (worker === 'both') return [0, 1];
  if (worker !== 'capturing') return [worker];
  const capturing = await waitFor(findCapturing, { what: 'a worker to capture', timeoutMs: 60_000 });
  dealt['kill of the capturing worker'] = (dealt['kill of the capturing worker'] ?? 0) + 1;
  return [capturing.index];
}

/** Answered by the workers themselves; one that just starts is not asked. */
async function findCapturing(): Promise<{ index: number } | false> {
  for (const [index, worker] of workers.entries()) {
    const components = (await worker.readiness().catch(() => null))?.components ?? [];
    if (components.some(({ name, detail }) => name === 'capture' && detail.startsWith('streaming'))) return { index };
  }
  return false;
}

async function killAndRestart(indexes: readonly number[]): Promise<void> {
  await Promise.all(indexes.map((index) => workers[index as 0 | 1].program.kill()));
  for (const index of indexes) workers[index as 0 | 1] = await site.startWorker();
}

async function expectWhole(writer: ShopWriter): Promise<void> {
  const operations = await site.connect(site.operations);
  const system = await site.connect(site.system);
  const items = await textRows(operations, 'SELECT * FROM public.items ORDER BY id');
  expect(differences(items, await documentRows(cache, '{items}:')).slice(0, 10)).toEqual([]);
  const orders = await textRows(operations, ALL_ORDERS);
  expect(differences(orders, await documentRows(cache, '{orders}:')).slice(0, 10)).toEqual([]);
  const parts = await textRows(operations, 'SELECT * FROM public.parts ORDER BY id');
  expect(differences(parts, await textRows(system, 'SELECT * FROM public.part_copies')).slice(0, 10)).toEqual([]);
  const made = writer.committed.map(identity);
  const { ledger, jobQueue } = await recordedChanges(system);
  expect(compareCounts(made, ledger).slice(0, 10)).toEqual([]);
  expect(compareCounts(made, jobQueue).slice(0, 10)).toEqual([]);
  const open = await system.query(`SELECT status, count(*) FROM public.job_queue GROUP BY status`);
  expect(open.rows.map(({ status }: { status: string }) => status)).toEqual(['completed']);
}

function report({ writer, writtenS, settledS }: { writer: ShopWriter; writtenS: number; settledS: number }): void {
  const figures = {
    seed: SEED,
    changes: writer.committed.length,
    seconds: Math.round(writtenS),
    settledSecondsAfter: Math.round(settledS * 10) / 10,
    unanswered: writer.unanswered,
    dealt,
  };
  process.stderr.write(`${JSON.stringify(figures)}\n`);
}
