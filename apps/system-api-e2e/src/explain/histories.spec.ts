import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import type { Change, Explanation } from '@astro/contracts';
import { waitFor } from '@astro/testing';
import { Caller } from '../support/caller.js';
import { loadDemo } from '../support/demo.js';
import { ROOT } from '../support/program.js';
import { textRows } from '../support/rows.js';
import { Site } from '../support/site.js';
import { BY_HAND, HISTORIES, MORE_DATA_SETS, SCENE, type History, type Link, type Step } from './histories.js';

/** Why is this value here? What happened to a key is told completely, in order, with who did it. */

/** No schedule fires by itself. */
const ONCE_A_YEAR = "cron: '30 3 29 2 *'";
const LIMIT_MS = 180_000;

let site: Site;
let operations: Client;
let byHand: Client;
let system: Client;
let cache: Redis;
let operator: Caller;

beforeAll(async () => {
  site = await Site.create();
  const catalogue = readFileSync(join(ROOT, 'config/astrobookings.yaml'), 'utf8').replace(/cron: '[^']*'/, ONCE_A_YEAR);
  site.writeCatalogue(`${catalogue.trimEnd()}\n${MORE_DATA_SETS}`);
  await loadDemo(site, site.operations.url);
  operations = await site.connect(site.operations);
  await operations.query(SCENE);
  await site.setUp();
  system = await site.connect(site.system);
  cache = site.redis(site.cache);
  byHand = await site.connect(site.operations, site.operations.urlFor('postgres', BY_HAND));
  await byHand.query(`SET application_name = '${BY_HAND.application}'`);
  const worker = await site.startWorker();
  const api = await site.startApi({ OPERATIONS_READ_DATABASE_URL: site.operations.url });
  await Promise.all([worker.ready(), api.ready()]);
  operator = await Caller.signIn(api, 'operator');
  await site.settled();
  for (const step of HISTORIES.flatMap(({ steps }) => steps)) await take(step);
  await site.settled();
  await mend();
}, LIMIT_MS);

afterAll(() => site.destroy(), LIMIT_MS);

async function take({ origin, sql }: Step): Promise<void> {
  const { service, user, action, reason, correlationId } = origin;
  const client = service === null ? byHand : operations;
  await client.query('BEGIN');
  if (client === operations) {
    await client.query('SELECT sync.set_origin($1, $2, $3, $4, $5)', [service, user, action, reason, correlationId]);
  }
  await client.query(sql);
  await client.query('COMMIT');
}

/** What no change brings: the run of the scheduled data set, and those that mend what CacheDB has lost. */
async function mend(): Promise<void> {
  expect(await operator.run({ datasets: ['finance'], mode: 'incremental' })).toBe('succeeded');
  for (const { dataSet, key, mend: given } of HISTORIES) {
    if (!given) continue;
    await (given.harm === 'lost' ? cache.del(redisKey(dataSet, key)) : garble(redisKey(dataSet, key)));
    expect(await explain({ dataSet, key })).toMatchObject({ verdict: 'differs' });
    expect(await operator.run({ datasets: [dataSet], mode: given.mode, options: { keys: [key] } })).toBe('succeeded');
  }
}

async function garble(key: string): Promise<void> {
  await cache.set(key, ((await cache.get(key)) ?? '').replace('pending', 'unheard of'));
}

const redisKey = (dataSet: string, key: string) => `{${dataSet}}:${key}`;

function explain({ dataSet, key, table }: Pick<History, 'dataSet' | 'key' | 'table'>): Promise<Explanation> {
  return operator.get(`/explain?${new URLSearchParams({ dataSet, key, ...(table && { table }) }).toString()}`);
}

/** What the target really holds, not by way of the API. */
async function held({ target }: Explanation): Promise<unknown> {
  if (target.endpoint === 'cache') return JSON.parse((await cache.get(target.place)) ?? 'null') as unknown;
  const column = target.place === 'finance.invoices' ? 'id' : 'user_id';
  const [row] = await textRows(system, `SELECT * FROM ${target.place} WHERE ${column} IN ('i-1', 't-3')`);
  return row ?? null;
}

const linkOf = ({ op, origin, key, fields }: Link, ownKey: string) => ({
  op,
  entityId: key ?? ownKey,
  origin: expect.objectContaining(origin) as unknown,
  ...(fields !== undefined && { changedFields: fields }),
});

const placeOf = ({ commitLsn, seq }: Pick<Change, 'commitLsn' | 'seq'>) => {
  const [high = '', low = ''] = commitLsn.split('/');
  return [high, low, seq.toString(16)].map((part) => part.padStart(8, '0')).join('/');
};

/** Every change has arrived, each after the one before it, and none beyond what was captured. */
function expectInOrder({ history, position, captured }: Explanation): void {
  const places = history.map(placeOf).reverse();
  expect(places).toEqual([...new Set(places)].sort());
  for (const { status, executedAt, error } of history) {
    expect({ status, isDone: executedAt !== null, error }).toEqual({ status: 'completed', isDone: true, error: null });
  }
  if (!position) throw new Error('the data set has no position');
  expect(placeOf(position) >= (places.at(-1) ?? '')).toBe(true);
  expect(placeOf({ commitLsn: captured.safeLsn ?? '', seq: 0 }) >= placeOf({ ...position, seq: 0 })).toBe(true);
}

it('has twenty keys', () => expect(HISTORIES).toHaveLength(20));

async function expectWhole(history: History): Promise<true> {
  const { key, chain, related = [], isHeld } = history;
  const told = await explain(history);
  expect(told.history.toReversed()).toMatchObject(chain.map((link) => linkOf(link, key)));
  expect(told.history).toHaveLength(chain.length);
  expectInOrder(told);
  const cause = history.cause === undefined ? (chain.at(-1) ?? null) : history.cause;
  if (cause) expect(told.cause).toMatchObject(linkOf(cause, key));
  else expect(told.cause).toBeNull();
  const newest = told.related.map(({ table, key: row, changes: [last] }) => [table, row, last ?? null]);
  expect(newest).toMatchObject(
    related.map(([table, row, link]) => [table, row, link && linkOf(link, row ?? link.key ?? '')]),
  );
  expect(told).toMatchObject({
    verdict: isHeld ? 'equal' : 'absent',
    differences: [],
    historyComplete: true,
    waiting: null,
    source: { state: isHeld ? 'present' : 'absent' },
  });
  expect(told.target.value).toEqual(await held(told));
  expect(told.source.value).toEqual(told.target.value);
  return true;
}

describe('EX-1 the whole chain is told of', () => {
  // A search ends when its time is over, which on a busy machine may be before it has begun: then it is asked again.
  it.each(HISTORIES.map((history) => [history.name, history] as const))('%s', async (_name, history) => {
    await waitFor(() => expectWhole(history), { what: 'the whole chain', timeoutMs: 10_000 });
  });
});
