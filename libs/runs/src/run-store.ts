import type { ClientBase, Pool } from 'pg';
import type { ItemState, RunPhase, RunState } from '@astro/contracts';
import { FencedError } from '@astro/sync-core';
import { addChunks, claimChunk, finishChunk, type ChunkResult, type ClaimedChunk, type NewChunk } from './chunks.js';
import { claimItems, type ClaimedItem } from './claim.js';
import { countMore, recordErrors, type ErrorCount, type NewRunError } from './error-rows.js';
import { NO_PACE, paceAfter, paceAtRest, paceWhenDone, type Pace } from './pace.js';
import {
  COUNTERS,
  COUNTER_COLUMNS,
  ITEM_COLUMNS,
  countersOf,
  doneRows,
  inTransaction,
  type ItemCounters,
  type ItemRow,
  type ProgressCounters,
  type RunRow,
} from './rows.js';
import { sampleNow, sampleWhenDue } from './samples.js';
import { lockRun, settleRun } from './settle.js';

/** Whoever holds an item or a chunk and says nothing for this long has lost it to the next worker that asks. */
export const LEASE_S = 15;

export type Control = 'run' | 'pause' | 'cancel';

export interface Wanted {
  readonly control: Control;
  readonly rateRowsPerS: number | null;
}

export interface ProgressUpdate {
  readonly phase?: RunPhase;
  /** Counted since the last update. */
  readonly add?: ProgressCounters;
  /** Known as a whole, such as after a takeover; a lower value than the stored one is left out. */
  readonly set?: ProgressCounters;
  /** Null takes back a total that turned out wrong. */
  readonly rowsTotal?: number | null;
  readonly message?: string;
  /** What another worker needs to go on from here, as JSON. */
  readonly stateData?: unknown;
}

export type ItemOutcome = Extract<
  ItemState,
  'succeeded' | 'succeeded_with_leftovers' | 'failed' | 'cancelled' | 'stopped_by_guard'
>;

export interface ItemEnd {
  readonly outcome: ItemOutcome;
  /** One sentence for people; needed for every outcome but success. */
  readonly message?: string;
}

/** The figures of a preview of one data set. */
export interface PreviewFigures {
  readonly rows: number;
  readonly inserts: number;
  readonly changes: number;
  readonly removals: number;
  readonly same: number;
  /** Rows or documents of the target now. */
  readonly targetRows: number;
  /** Rows that were looked at per second while the preview was made. */
  readonly rateRowsPerS?: number;
}

/**
 * Runs as workers see them. Everything is in SystemDB: a worker that dies loses its leases, nothing else. All methods
 * but `claim…` throw {@link FencedError} when the lease is lost: stop at once and write nothing more.
 */
export class RunStore {
  constructor(private readonly pool: Pool) {}

  /**
   * Takes items that may start or go on, and those whose worker fell silent. Of the runs that want one data set only
   * the oldest gets it, so a data set never has two writers; previews do not count.
   * @param dataSets those that this worker can work on
   */
  claimItems(worker: string, dataSets: readonly string[], limit = 8): Promise<readonly ClaimedItem[]> {
    return claimItems(this.pool, { worker, dataSets, limit, leaseS: LEASE_S });
  }

  /** Renews the lease; call it every few seconds. @returns what people want of the run now */
  async heartbeat(itemId: string, worker: string): Promise<Wanted> {
    const { rows } = await this.pool.query<{ state: RunState; rate: number | null }>(
      `UPDATE sync.run_items i SET lease_until = clock_timestamp() + make_interval(secs => $3)
       FROM sync.runs r WHERE r.id = i.run_id AND i.id = $1 AND i.worker = $2 AND i.state = 'running'
       RETURNING r.state, r.rate_limit_rows_per_s AS rate`,
      [itemId, worker, LEASE_S],
    );
    const run = rows[0];
    if (!run) throw lost(itemId);
    return { control: controlOf(run.state), rateRowsPerS: run.rate };
  }

  /** Writes what was done. The percent never goes back and is below 100 until the item ends well. */
  async progress(itemId: string, worker: string, update: ProgressUpdate): Promise<void> {
    await this.held(itemId, worker, async (client, held) => {
      await writeProgress(client, held, update);
      await sampleWhenDue(client, held, update.phase);
    });
  }

  /** The item rests, as `heartbeat` asked; it goes on when a person resumes the run. */
  async pauseItem(itemId: string, worker: string): Promise<void> {
    await this.held(itemId, worker, async (client, { run, item }) => {
      await client.query(
        `UPDATE sync.run_items SET state = 'paused', worker = NULL, lease_until = NULL, rate_rows_per_s = NULL,
           pace = $2, updated_at = clock_timestamp(), version = version + 1 WHERE id = $1`,
        [item.id, paceAtRest(item.pace ?? NO_PACE)],
      );
      await sampleNow(client, run, item.id);
      await settleRun(client, run);
    });
  }

  /** Gives the item back before the lease ends, such as when this worker shuts down: any worker may go on at once. */
  async releaseItem(itemId: string, worker: string): Promise<void> {
    await this.held(itemId, worker, async (client, { item }) => {
      await client.query(`UPDATE sync.run_items SET lease_until = '-infinity' WHERE id = $1`, [item.id]);
    });
  }

  /** Ends the item, and the run with its last one. */
  async finishItem(itemId: string, worker: string, { outcome, message }: ItemEnd): Promise<RunState> {
    return this.held(itemId, worker, async (client, held) => {
      const { run, item } = held;
      const isWell = outcome === 'succeeded' || outcome === 'succeeded_with_leftovers';
      const before = item.pace ?? NO_PACE;
      const pace = isWell ? paceWhenDone(before, wholeOf(held)) : paceAtRest(before);
      await client.query(
        `UPDATE sync.run_items SET state = $2, phase = CASE WHEN $3 THEN 'done' ELSE phase END, pace = $4, percent = $5,
           message = $6, worker = NULL, lease_until = NULL, finished_at = clock_timestamp(),
           updated_at = clock_timestamp(), version = version + 1 WHERE id = $1`,
        [item.id, outcome, isWell, pace, pace.percent, message ?? null],
      );
      await sampleNow(client, run, item.id);
      return settleRun(client, run);
    });
  }

  /**
   * Lists failing rows or differences, and counts them (`errors`, `different`). Of each item the first 10 000 are kept, all are counted by cause; a row that is
   * told again is counted once. @returns rows that were new
   */
  recordErrors(itemId: string, worker: string, errors: readonly NewRunError[]): Promise<number> {
    return this.held(itemId, worker, (client, { item }) => recordErrors(client, item.id, errors));
  }

  /** Counts rows beyond those that {@link recordErrors} was told; each telling counts. */
  async countErrors(itemId: string, worker: string, more: readonly ErrorCount[]): Promise<void> {
    await this.held(itemId, worker, (client, { item }) => countMore(client, item.id, more));
  }

  /** The figures of a preview; end the item with `finishItem` afterwards. */
  async recordPreview(itemId: string, worker: string, figures: PreviewFigures): Promise<void> {
    await this.held(itemId, worker, async (client, { item }) => {
      await client.query('UPDATE sync.run_items SET preview = $2, updated_at = clock_timestamp() WHERE id = $1', [
        item.id,
        figures,
      ]);
    });
  }

  /** Cuts the item into chunks, by `seq`; those that exist already are left as they are. */
  addChunks(itemId: string, worker: string, chunks: readonly NewChunk[]): Promise<void> {
    return this.held(itemId, worker, (client, { item }) => addChunks(client, item.id, chunks));
  }

  /** Takes the next chunk that nobody works on. @param itemIds of items that run; any worker may help with them */
  claimChunk(worker: string, itemIds: readonly string[]): Promise<ClaimedChunk | null> {
    return claimChunk(this.pool, { worker, itemIds, leaseS: LEASE_S });
  }

  /** Ends a chunk and adds its figures to the item, both or nothing. */
  async finishChunk(chunkId: string, worker: string, result: ChunkResult): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ item_id: string }>('SELECT item_id FROM sync.run_chunks WHERE id = $1', [
        chunkId,
      ]);
      const held = await lockItem(client, rows[0]?.item_id ?? '0');
      if (!held || held.item.state !== 'running') throw lost(chunkId);
      if (!(await finishChunk(client, { chunkId, worker, counters: result.counters }))) throw lost(chunkId);
      await writeProgress(client, held, { add: result.counters });
      if (result.errors) await recordErrors(client, held.item.id, result.errors);
      if (result.more) await countMore(client, held.item.id, result.more);
      await sampleWhenDue(client, held);
    });
  }

  private held<T>(itemId: string, worker: string, work: (client: ClientBase, held: Held) => Promise<T>): Promise<T> {
    return inTransaction(this.pool, async (client) => {
      const held = await lockItem(client, itemId);
      if (!held || held.item.state !== 'running' || held.item.worker !== worker) throw lost(itemId);
      return work(client, held);
    });
  }
}

interface Held {
  readonly run: RunRow;
  readonly item: ItemRow;
  readonly nowMs: number;
  /** When the latest sample of the item was taken; null before the first. */
  readonly sampledMs: number | null;
}

function lost(id: string): FencedError {
  return new FencedError(`the part of the run that this worker held (${id})`);
}

function controlOf(state: RunState): Control {
  if (state === 'pausing' || state === 'paused') return 'pause';
  return state === 'cancelling' ? 'cancel' : 'run';
}

async function lockItem(client: ClientBase, itemId: string): Promise<Held | null> {
  const found = await client.query<{ run_id: string }>('SELECT run_id FROM sync.run_items WHERE id = $1', [itemId]);
  const runId = found.rows[0]?.run_id;
  const run = runId === undefined ? null : await lockRun(client, runId);
  if (!run) return null;
  const { rows } = await client.query<ItemRow & { now: Date; sampled_at: Date | null }>(
    `SELECT ${ITEM_COLUMNS}, clock_timestamp() AS now,
       (SELECT max(at) FROM sync.run_samples WHERE item_id = $1) AS sampled_at
     FROM sync.run_items WHERE id = $1 FOR UPDATE`,
    [itemId],
  );
  const item = rows[0];
  return item ? { run, item, nowMs: item.now.getTime(), sampledMs: item.sampled_at?.getTime() ?? null } : null;
}

/** Null when the item was taken more than once: what lies between, such as a pause, is no work. */
function wholeOf({ run, item, nowMs }: Held): Pick<Pace, 'done' | 'workedS'> | null {
  if (item.attempts !== 1 || !item.started_at) return null;
  const done = doneRows(run.mode, run.is_preview, countersOf(item));
  return { done, workedS: (nowMs - item.started_at.getTime()) / 1000 };
}

async function writeProgress(client: ClientBase, { run, item, nowMs }: Held, update: ProgressUpdate): Promise<void> {
  const before = countersOf(item);
  const add: Partial<ItemCounters> = update.add ?? {};
  const set: Partial<ItemCounters> = update.set ?? {};
  const counters = Object.fromEntries(
    COUNTERS.map((name) => [name, Math.max(before[name] + (add[name] ?? 0), set[name] ?? 0)]),
  ) as unknown as ItemCounters;
  const stored = item.rows_total === null ? null : Number(item.rows_total);
  const total = update.rowsTotal === undefined ? stored : update.rowsTotal;
  const done = doneRows(run.mode, run.is_preview, counters);
  const pace: Pace = paceAfter(item.pace ?? NO_PACE, { atMs: nowMs, done, total });
  const columns = COUNTERS.map((name, index) => `${COUNTER_COLUMNS[name]} = $${index + 9}`).join(', ');
  await client.query(
    `UPDATE sync.run_items SET phase = coalesce($2, phase), rows_total = $3, pace = $4, percent = $5,
       rate_rows_per_s = $6, message = coalesce($7, message), state_data = coalesce($8, state_data), ${columns},
       updated_at = clock_timestamp(), version = version + 1 WHERE id = $1`,
    [
      ...[item.id, update.phase ?? null, total, pace, pace.percent, pace.rateRowsPerS, update.message ?? null],
      update.stateData === undefined ? null : JSON.stringify(update.stateData),
      ...COUNTERS.map((name) => counters[name]),
    ],
  );
  await settleRun(client, run);
}
