import type { Socket } from 'node:net';
import type { Client } from 'pg';
import { waitFor } from '@astro/testing';
import { Random } from '../support/random.js';
import { Pacer } from './pacer.js';
import { ShopState, type Change, type PlannedChange } from './shop-state.js';

export interface WriterOptions {
  readonly connect: () => Promise<Client>;
  readonly changesPerSecond: number;
  readonly writers: number;
  readonly seed: number;
}

const ROLLBACK_SHARE = 0.03;
const HANG_UP_SHARE = 0.01;
const RECONNECT_TIMEOUT_MS = 120_000;
let lastTransaction = 0;

/**
 * Writes like the services of the platform and keeps its own record of what was committed. A transaction whose
 * COMMIT was not answered, because the source crashed or because the writer hung up while it waited, is looked up in
 * the source afterwards: each one leaves its number in `public.journal`.
 */
export class ShopWriter {
  /** Every change that the source has committed. */
  readonly committed: Change[] = [];
  /** Transactions whose end was not answered, by what the source said later. */
  readonly unanswered = { committed: 0, lost: 0 };
  private readonly pacer: Pacer;
  private readonly running: Promise<void>[] = [];
  private stopping = false;

  constructor(private readonly options: WriterOptions) {
    this.pacer = new Pacer(options.changesPerSecond);
  }

  start(): void {
    const { writers, seed } = this.options;
    for (let writer = 0; writer < writers; writer++) {
      const random = new Random(seed + writer);
      this.running.push(this.write(random, new ShopState(random, { writer, writers })));
    }
  }

  /** Ends after the transactions under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.pacer.stop();
    await Promise.all(this.running);
  }

  private async write(random: Random, state: ShopState): Promise<void> {
    let client = await this.options.connect();
    while (!this.stopping) {
      const changes = this.planTransaction(random, state);
      await this.pacer.take(changes.length);
      const tx = ++lastTransaction;
      try {
        if (await runTransaction(client, { tx, changes, end: pickEnd(random) })) this.commit(state, changes);
      } catch {
        const lost = client;
        client = await this.reconnect();
        const happened = await hasCommitted(client, tx, lost);
        if (happened) this.commit(state, changes);
        this.unanswered[happened ? 'committed' : 'lost']++;
      }
    }
  }

  /** A few changes of different rows, so that the order of planning does not matter. */
  private planTransaction(random: Random, state: ShopState): readonly PlannedChange[] {
    const planned = new Map<string, PlannedChange>();
    const size = random.chance(0.02) ? 40 : random.between(1, 5);
    for (let i = 0; i < size; i++) {
      const change = state.plan();
      const name = `${change.table} ${change.oldKey}`;
      if (!planned.has(name)) planned.set(name, change);
    }
    return [...planned.values()];
  }

  private commit(state: ShopState, changes: readonly PlannedChange[]): void {
    for (const change of changes) {
      state.apply(change);
      this.committed.push({ table: change.table, op: change.op, key: change.key, version: change.version });
    }
  }

  private reconnect(): Promise<Client> {
    return waitFor(() => this.options.connect(), {
      what: 'the source to take connections again',
      timeoutMs: RECONNECT_TIMEOUT_MS,
    });
  }
}

interface Transaction {
  readonly tx: number;
  readonly changes: readonly PlannedChange[];
  readonly end: End;
}

type End = 'commit' | 'rollback' | 'hang up';

function pickEnd(random: Random): End {
  const dice = random.next();
  if (dice < ROLLBACK_SHARE) return 'rollback';
  return dice < ROLLBACK_SHARE + HANG_UP_SHARE ? 'hang up' : 'commit';
}

/** Asked when the lost connection's server process has ended, so that the answer is final. */
async function hasCommitted(client: Client, tx: number, lost: Client): Promise<boolean> {
  const pid = processId(lost);
  const isGone = async () => (await client.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount === 0;
  await waitFor(isGone, { what: 'the lost connection to end', timeoutMs: RECONNECT_TIMEOUT_MS });
  return (await client.query('SELECT FROM public.journal WHERE tx = $1', [tx])).rowCount === 1;
}

/** Of the server's process; `pg` keeps it and its types leave it out. */
function processId(client: Client): number {
  return (client as unknown as { readonly processID: number }).processID;
}

/** Sends COMMIT and closes the line without waiting for the answer. */
function hangUp(client: Client): Promise<unknown> {
  const answer = client.query('COMMIT');
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream.destroySoon();
  return answer.then(() => Promise.reject(new Error('the answer came before the line was closed')));
}

/** @returns whether it was committed. Rejects when that is not known */
async function runTransaction(client: Client, { tx, changes, end }: Transaction): Promise<boolean> {
  await client.query('BEGIN');
  await client.query('INSERT INTO public.journal VALUES ($1)', [tx]);
  for (const { sql, values } of changes) {
    const { rowCount } = await client.query(sql, [...values]);
    if (rowCount !== 1) throw new Error(`the writer lost count: ${sql}`);
  }
  if (end === 'hang up') await hangUp(client);
  await client.query(end === 'commit' ? 'COMMIT' : 'ROLLBACK');
  return end === 'commit';
}
