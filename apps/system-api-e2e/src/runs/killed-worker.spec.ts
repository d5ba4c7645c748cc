import { createRun, readRun, type NewRun, type RunDetail } from '@astro/runs';
import { waitFor } from '@astro/testing';
import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import { differences, documentRows, textRows } from '../support/rows.js';
import type { Service } from '../support/service.js';
import { Site } from '../support/site.js';

/** A worker that is killed in the middle of a run costs at most one chunk, and the run goes on in another one. */

const ROWS = 6000;
const CHUNK_ROWS = 300;
const DATA_SETS = `  items:
    from: operations
    to: cache
    chunkRows: ${CHUNK_ROWS}
    tables: [public.items]`;
const LIMIT_MS = 180_000;

let site: Site;
let operations: Client;
let system: Client;
let cache: Redis;
let workers: readonly Service[];

beforeAll(async () => {
  site = await Site.create();
  operations = await site.connect(site.operations);
  await operations.query(`CREATE TABLE public.items (id int PRIMARY KEY, version int NOT NULL, name text)`);
  await operations.query(`INSERT INTO public.items SELECT i, 1, 'item ' || i FROM generate_series(1, ${ROWS}) i`);
  site.writeDataSets(DATA_SETS);
  await site.setUp();
  system = await site.connect(site.system);
  cache = site.redis(site.cache);
  workers = [await site.startWorker(), await site.startWorker()];
  await Promise.all(workers.map((worker) => worker.ready()));
  await site.settled();
}, LIMIT_MS);

afterAll(() => site.destroy(), LIMIT_MS);

async function start(run: Pick<NewRun, 'mode' | 'options'>): Promise<string> {
  await system.query('BEGIN');
  const initiator = { kind: 'user', id: '1', name: 'ana' } as const;
  const created = await createRun(system, { ...run, dataSets: ['items'], initiator, whenBusy: 'refuse' });
  await system.query('COMMIT');
  if (created.kind !== 'created') throw new Error(JSON.stringify(created));
  return created.runId;
}

async function read(runId: string): Promise<RunDetail> {
  return (await readRun(system, runId)) as RunDetail;
}

/** Rows that the copy in the lane's state at the target has written. */
async function copiedRows(): Promise<number | null> {
  const state = JSON.parse((await cache.get('sync:lane:{items}:')) ?? '{}') as { copy: { rows: number } | null };
  return state.copy?.rows ?? null;
}

/** Kills whoever holds the run's item; its name holds its process. @returns the name */
async function killHolder(runId: string): Promise<string> {
  const name = (await read(runId)).items[0]?.worker ?? '';
  const killed = workers.find(({ program }) => name.includes(`-${program.pid}-`));
  if (!killed) throw new Error(`no worker is called ${name}`);
  await killed.program.kill();
  const started = await site.startWorker();
  workers = [...workers.filter((worker) => worker !== killed), started];
  return name;
}

async function done(runId: string): Promise<RunDetail> {
  const look = async () => {
    const run = await read(runId);
    return run.summary.finishedAt !== null && run;
  };
  return waitFor(look, { what: 'the run to end', timeoutMs: LIMIT_MS });
}

async function expectEqual(): Promise<void> {
  await site.settled();
  const items = await textRows(operations, 'SELECT * FROM public.items ORDER BY id');
  expect(differences(items, await documentRows(cache, '{items}:')).slice(0, 10)).toEqual([]);
}

it(
  'goes on with a copy where the killed worker stopped, while the stream goes on',
  async () => {
    const runId = await start({ mode: 'full', options: { rateLimitRowsPerS: 300 } });
    await waitFor(async () => ((await copiedRows()) ?? 0) >= 1200, { what: 'a part of the copy', timeoutMs: LIMIT_MS });
    const killed = await killHolder(runId);
    const before = (await copiedRows()) ?? 0;
    const isTaken = async () => ![killed, null, undefined].includes((await read(runId)).items[0]?.worker);
    await waitFor(isTaken, { what: 'another worker to take the run', timeoutMs: 60_000 });
    expect(await copiedRows()).toBeGreaterThanOrEqual(before);
    await operations.query(`UPDATE public.items SET version = version + 1 WHERE id % 7 = 0`);
    await system.query('UPDATE sync.runs SET rate_limit_rows_per_s = NULL WHERE id = $1', [runId]);
    const run = await done(runId);
    expect(run.summary.state).toBe('succeeded');
    expect(run.items[0]?.progress).toMatchObject({ rowsTotal: ROWS, percent: 100 });
    const { rows } = await system.query<{ rows: string }>(
      `SELECT sum(rows) AS rows FROM sync.copy_chunks WHERE copy_id LIKE $1`,
      [`item-${run.items[0]?.id}-%`],
    );
    // The chunk under way may have been written without its record, and rows that the stream wrote are left out.
    expect(Number(rows[0]?.rows)).toBeLessThanOrEqual(ROWS + CHUNK_ROWS);
    await expectEqual();
  },
  LIMIT_MS,
);

it(
  'finishes a comparison that the killed worker had begun, and counts every row once',
  async () => {
    const runId = await start({ mode: 'verify', options: { rateLimitRowsPerS: 1000 } });
    const isRunning = async () => (await read(runId)).items[0]?.worker !== null;
    await waitFor(isRunning, { what: 'the run to be taken' });
    await killHolder(runId);
    await system.query('UPDATE sync.runs SET rate_limit_rows_per_s = NULL WHERE id = $1', [runId]);
    const run = await done(runId);
    expect(run.summary.state).toBe('succeeded');
    expect(run.items[0]?.progress).toMatchObject({ rowsRead: ROWS, same: ROWS, different: 0, percent: 100 });
  },
  LIMIT_MS,
);
