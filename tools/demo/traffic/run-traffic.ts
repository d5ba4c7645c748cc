import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { withOrigin } from '@astro/provenance';
import { abortableSleep } from '@astro/runtime';
import { Random } from '../generator/random.js';
import type { Action, Choices } from './action.js';
import { AGENCY_ACTIONS, RAW_ACTIONS } from './agency-actions.js';
import { BOOKING_ACTIONS } from './booking-actions.js';
import { FINANCE_ACTIONS } from './finance-actions.js';
import type { TrafficOptions } from './options.js';
import { NoTargetError, type Pools } from './services.js';
import type { Tally } from './tally.js';

export interface TrafficRun {
  readonly pools: Pools;
  readonly options: TrafficOptions;
  readonly tally: Tally;
  /** Transactions that are on their way at the same time, at most. */
  readonly workers: number;
  /** Ends the traffic; transactions on their way are finished first. */
  readonly signal: AbortSignal;
}

/** Every twentieth transaction says nothing about itself. */
const RAW_SHARE = 0.05;
const CLAIMING = [...BOOKING_ACTIONS, ...AGENCY_ACTIONS, ...FINANCE_ACTIONS];
const PAUSE_AFTER_ERROR_MS = 250;
const GIVE_UP_AFTER_MS = 30_000;
/** When the database was slower than the rate, at most this much is caught up with. */
const MAX_BEHIND_MS = 1_000;

/**
 * Sends transactions at a steady rate until the time is over or `signal` aborts.
 * @throws the last error when nothing has succeeded for 30 s
 */
export async function runTraffic(run: TrafficRun): Promise<void> {
  const { pools, options, workers, signal } = run;
  setMaxListeners(workers + 10, signal);
  const lists = await loadLists(pools);
  const pace = new Pace(options.rate);
  const endsAtMs = options.seconds === null ? Infinity : performance.now() + options.seconds * 1000;
  let number = 0;
  const work = async () => {
    while (!signal.aborted) {
      const ticket = ++number;
      const dueAtMs = pace.next();
      if (dueAtMs >= endsAtMs) break;
      if (!(await abortableSleep(Math.max(0, dueAtMs - performance.now()), signal))) break;
      await transaction(run, { ...lists, random: new Random(`${options.seed}/traffic/${ticket}`) });
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
}

/** When the next transaction is due. */
class Pace {
  private dueAtMs = performance.now();
  constructor(private readonly rate: number) {}
  next(): number {
    this.dueAtMs = Math.max(this.dueAtMs + 1000 / this.rate, performance.now() - MAX_BEHIND_MS);
    return this.dueAtMs;
  }
}

async function loadLists({ BookingAPI }: Pools): Promise<Omit<Choices, 'random'>> {
  const ids = async (sql: string) => (await BookingAPI.query<{ id: string }>(sql)).rows.map(({ id }) => id);
  const [launchIds, agencyIds] = await Promise.all([
    ids("SELECT id FROM public.launches WHERE status IN ('scheduled', 'confirmed', 'delayed') ORDER BY id LIMIT 50000"),
    ids('SELECT user_id AS id FROM public.agencies ORDER BY user_id LIMIT 50000'),
  ]);
  if (!isFilled(launchIds) || !isFilled(agencyIds)) {
    throw new NoTargetError('OperationsDB has no launch that is still on sale, so there is nothing to do.');
  }
  return { launchIds, agencyIds };
}

function isFilled(list: string[]): list is [string, ...string[]] {
  return list.length > 0;
}

function chooseAction(random: Random): Action {
  const actions = random.chance(RAW_SHARE) ? RAW_ACTIONS : CLAIMING;
  const weights = Object.fromEntries(actions.map(({ name, weight }) => [name, weight]));
  const name = random.weighted(weights);
  return actions.find((action) => action.name === name) as Action;
}

async function transaction({ pools, tally, signal }: TrafficRun, choices: Choices): Promise<void> {
  const action = chooseAction(choices.random);
  try {
    tally.done(action, await perform(action, pools, choices));
  } catch (error) {
    if (tally.failed(action, error) > GIVE_UP_AFTER_MS) throw error;
    if (!signal.aborted) await wait(PAUSE_AFTER_ERROR_MS);
  }
}

function perform(action: Action, pools: Pools, choices: Choices): Promise<number> {
  const { random } = choices;
  const pool = pools[action.writer];
  if (action.writer === 'psql') return withoutOrigin(pool, (client) => action.run(client, choices));
  const origin = {
    service: action.writer,
    user: userOf(action.writer, choices),
    action: action.name,
    correlationId: random.uuid(),
    ...(random.chance(0.1) && { reason: random.pick(REASONS) }),
  };
  return withOrigin(pool, origin, (client) => action.run(client, choices));
}

const REASONS = ['asked by phone', 'weather', 'price campaign', 'duplicate', 'complaint № 42'] as const;

function userOf(writer: Action['writer'], { random, agencyIds }: Choices): string {
  if (writer === 'AgencyAPI') return random.pick(agencyIds);
  return writer === 'BookingAPI' ? random.uuid() : `accountant-${random.int(1, 6)}`;
}

async function withoutOrigin(pool: Pools['psql'], work: (client: Parameters<Action['run']>[0]) => Promise<number>) {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}
