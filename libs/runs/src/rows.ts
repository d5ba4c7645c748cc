import type { ClientBase, Pool } from 'pg';
import {
  runOptionsSchema,
  type FilterCondition,
  type ItemState,
  type RunMode,
  type RunPhase,
  type RunState,
} from '@astro/contracts';
import type { Pace } from './pace.js';

/** Everything that is counted while a data set is worked on. */
export interface ItemCounters {
  readonly rowsRead: number;
  readonly rowsApplied: number;
  readonly inserted: number;
  readonly changed: number;
  readonly removed: number;
  readonly same: number;
  /** Differences found by a comparison, after they were checked again. */
  readonly different: number;
  readonly errors: number;
  readonly retries: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
}

/** What a worker counts itself; failing rows and differences are counted where they are listed. */
export type ProgressCounters = Partial<Omit<ItemCounters, 'errors' | 'different'>>;

/** Columns of `run_items` by counter; the only source of column names in the SQL that is built here. */
export const COUNTER_COLUMNS: Readonly<Record<keyof ItemCounters, string>> = {
  rowsRead: 'rows_read',
  rowsApplied: 'rows_applied',
  inserted: 'inserted',
  changed: 'changed',
  removed: 'removed',
  same: 'same',
  different: 'different',
  errors: 'errors',
  retries: 'retries',
  rawBytes: 'raw_bytes',
  storedBytes: 'stored_bytes',
};

export const COUNTERS = Object.keys(COUNTER_COLUMNS) as readonly (keyof ItemCounters)[];

/** What an item is narrowed to; empty: the whole data set. */
export interface ItemScope {
  readonly table?: string | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly filter?: readonly FilterCondition[] | undefined;
}

/** `scope` as it is stored: the part of the options that narrows, with more keys allowed than a request may bring. */
export function parseScope(stored: unknown): ItemScope {
  const { keys, ...rest } = (stored ?? {}) as { keys?: readonly string[] };
  const { table, filter } = runOptionsSchema.parse(rest);
  return { ...(table !== undefined && { table }), ...(keys && { keys }), ...(filter && { filter }) };
}

/** Everything of an item but what may be large: `scope`, `preview` and `state_data`. */
export const ITEM_COLUMNS = `id, run_id, is_preview, data_set, state, phase, rows_read, rows_applied, rows_total, inserted,
  changed, removed, same, different, errors, retries, raw_bytes, stored_bytes, percent, pace, worker, attempts,
  started_at, finished_at, updated_at, message`;

export interface ItemRow {
  readonly id: string;
  readonly run_id: string;
  readonly data_set: string;
  readonly is_preview: boolean;
  readonly state: ItemState;
  readonly phase: RunPhase;
  readonly rows_read: string;
  readonly rows_applied: string;
  readonly rows_total: string | null;
  readonly inserted: string;
  readonly changed: string;
  readonly removed: string;
  readonly same: string;
  readonly different: string;
  readonly errors: string;
  readonly retries: string;
  readonly raw_bytes: string;
  readonly stored_bytes: string;
  readonly percent: number | null;
  readonly pace: Pace | null;
  readonly worker: string | null;
  readonly attempts: number;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly updated_at: Date | null;
  readonly message: string | null;
}

export interface RunRow {
  readonly id: string;
  readonly is_preview: boolean;
  readonly mode: RunMode;
  readonly data_sets: string[];
  readonly options: unknown;
  readonly state: RunState;
  readonly state_reason: string | null;
  readonly initiator: unknown;
  readonly preview_id: string | null;
  readonly removal_limit: unknown;
  readonly queued_behind: string | null;
  readonly retry_of: string | null;
  readonly rate_limit_rows_per_s: number | null;
  readonly percent: number | null;
  readonly pace: Pace | null;
  readonly confirmation: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly version: number;
}

export function countersOf(row: ItemRow): ItemCounters {
  const read = (counter: keyof ItemCounters) => Number(row[COUNTER_COLUMNS[counter] as keyof ItemRow]);
  return Object.fromEntries(COUNTERS.map((counter) => [counter, read(counter)])) as unknown as ItemCounters;
}

/** Rows that count for percent and time left: a comparison is done with what it has read, a copy with what it wrote. */
export function doneRows(mode: RunMode, isPreview: boolean, counters: Pick<ItemCounters, 'rowsRead' | 'rowsApplied'>) {
  return readingIsDoing(mode, isPreview) ? counters.rowsRead : counters.rowsApplied;
}

/** Whether what was read is what was done. */
export function readingIsDoing(mode: RunMode, isPreview: boolean): boolean {
  return isPreview || mode === 'verify' || mode === 'repair';
}

/** What the worker that takes an item first does. */
export function firstPhase({ mode, is_preview: isPreview }: Pick<RunRow, 'mode' | 'is_preview'>): RunPhase {
  if (isPreview) return 'planning';
  return readingIsDoing(mode, isPreview) ? 'comparing' : 'reading';
}

/** The phase of an item from when it is taken. @param first as {@link firstPhase}, as a parameter of the statement */
export const takenPhase = (first: string): string => `CASE phase WHEN 'waiting' THEN ${first} ELSE phase END`;

/** Runs `work` in one transaction on a connection of its own. */
export async function inTransaction<T>(pool: Pool, work: (client: ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').then(
      () => client.release(),
      (broken: Error) => client.release(broken),
    );
    throw error;
  }
}
