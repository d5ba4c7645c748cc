import type { Pool } from 'pg';
import type { ProgressUpdate } from '@astro/runs';
import {
  SyncError,
  publicReason,
  tableName,
  type CopyProgress,
  type DifferingPage,
  type LaneFailure,
  type LaneTask,
  type LaneTasks,
  type TaskEnd,
} from '@astro/sync-core';
import type { RegisteredLane } from '@astro/ledger';
import { failedRow } from './error-advice.js';
import type { HeldItem } from './held-items.js';
import { taskOf } from './task-of.js';

export interface LaneTasksOptions {
  readonly lane: RegisteredLane;
  readonly pool: Pool;
  /** The item of the lane's data set that this worker holds for the lane; takes one when there is one to take. */
  readonly take: () => Promise<HeldItem | null>;
  /** A repair's rows have been written: they are compared once more. */
  readonly prove: (item: HeldItem, end: TaskEnd) => Promise<void>;
}

/** What runs ask of one lane, out of SystemDB. See {@link LaneTasks} for its promises. */
export class StoredLaneTasks implements LaneTasks {
  private item: HeldItem | null = null;

  constructor(private readonly options: LaneTasksOptions) {}

  async current(): Promise<LaneTask | null> {
    this.item = await this.options.take();
    if (!this.item) return null;
    try {
      return taskOf(this.item, this.options.lane.tables);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      await this.item.end({ outcome: 'failed', message: error.message });
      return null;
    }
  }

  async isOpen(item: string): Promise<boolean> {
    const { rowCount } = await this.options.pool.query(
      `SELECT 1 FROM sync.run_items WHERE id = $1 AND state IN ('waiting', 'running', 'paused')`,
      [item],
    );
    return rowCount === 1;
  }

  /**
   * A data set that needs a resync gets it by a full run, unless changes were lost: then only a new start of the whole
   * source mends it. Whatever else a run wants of it makes no sense.
   */
  async standing(task: LaneTask): Promise<void> {
    const { lane, pool } = this.options;
    const { rows } = await pool.query<{ state: string; reason: string | null; source: string }>(
      `SELECT l.state, l.reason, s.state AS source FROM sync.ledger_lanes l JOIN sync.sources s ON s.id = l.source_id
       WHERE l.id = $1`,
      [lane.id],
    );
    if (rows[0]?.source === 'gap') return this.refuse(task, LOST_CHANGES);
    if (rows[0]?.state !== 'needs_resync') return; // capture has yet to begin
    if (task.work.kind !== 'copy') return this.refuse(task, needsResync(rows[0].reason));
    await pool.query(`UPDATE sync.ledger_lanes SET copy_requested = true WHERE id = $1 AND state = 'needs_resync'`, [
      lane.id,
    ]);
  }

  report(task: LaneTask, copy: CopyProgress): void {
    const item = this.held(task);
    item?.report(figuresOf(copy, { isRepair: item.claimed.mode === 'repair' }));
  }

  async paused(task: LaneTask): Promise<void> {
    await this.held(task)?.pause();
  }

  async failed(task: LaneTask, failures: readonly LaneFailure[]): Promise<void> {
    const names = new Map(this.options.lane.tables.map(({ id, table }) => [id, tableName(table)]));
    const rows = failures.map((failure) => failedRow(failure, names.get(failure.tableId) ?? ''));
    await this.held(task)?.recordErrors(rows);
  }

  retried(task: LaneTask, error: unknown): void {
    this.held(task)?.report({ add: { retries: 1 }, message: `Tried again after: ${publicReason(error)}` });
  }

  async differing({ item }: LaneTask, after: string | null, limit: number): Promise<DifferingPage> {
    const { lane, pool } = this.options;
    const { rows } = await pool.query<{ id: string; entity_type: string; entity_id: string; total: string }>(
      `SELECT * FROM (
         SELECT min(id) AS id, entity_type, entity_id, count(*) OVER () AS total FROM sync.run_errors
         WHERE item_id = $1 AND kind <> 'failed' GROUP BY entity_type, entity_id) rows
       WHERE id > $2 ORDER BY id LIMIT $3`,
      [item, after ?? '0', limit],
    );
    const ids = new Map(lane.tables.map(({ id, table }) => [tableName(table), id]));
    const keys = rows.map((row) => ({ tableId: ids.get(row.entity_type) ?? 0, key: row.entity_id }));
    const next = rows.length < limit ? null : (rows[rows.length - 1]?.id ?? null);
    return { keys, next, total: Number(rows[0]?.total ?? 0) };
  }

  async ended(task: LaneTask, end: TaskEnd): Promise<void> {
    const item = this.held(task);
    if (!item) return;
    const isRepair = item.claimed.mode === 'repair';
    const isDone = end.outcome.startsWith('succeeded');
    if (end.copy) item.report(figuresOf(end.copy, { isRepair, isDone }));
    if (isRepair && isDone) return this.options.prove(item, end);
    await item.end({ outcome: end.outcome, message: end.message ?? MESSAGES[end.outcome] });
  }

  private refuse({ item }: LaneTask, message: string): Promise<void> {
    return this.held({ item })?.end({ outcome: 'failed', message }) ?? Promise.resolve();
  }

  private held({ item }: Pick<LaneTask, 'item'>): HeldItem | null {
    return this.item?.id === item && this.item.isHeld ? this.item : null;
  }
}

const LOST_CHANGES =
  'Changes of the source were lost, so every data set must be started anew: npm run sync -- resync --all';

function needsResync(reason: string | null): string {
  const what = 'The data set needs a resync; start a full run of all of it.';
  return reason === null ? what : `${what} It stands still for this reason: ${reason}`;
}

const MESSAGES = {
  succeeded: 'Everything was written.',
  succeeded_with_leftovers: 'Some rows could not be written; see the errors.',
  failed: 'It could not be finished.',
  cancelled: 'Cancelled; what was written stays, the rest is not touched.',
  stopped_by_guard: 'It left its limits.',
} as const;

/** A repair is measured by what its two comparisons read; what it writes between them is only counted. */
function figuresOf(
  { rows, phase, task }: CopyProgress,
  { isRepair, isDone = false }: { readonly isRepair: boolean; readonly isDone?: boolean },
): ProgressUpdate {
  const total = isDone ? rows : task?.total;
  const { refused = 0, ...tally } = task?.tally ?? {};
  const rowsApplied = rows - refused;
  const shown = rows === 0 && phase !== 'end' ? 'reading' : 'applying';
  if (isRepair) return { phase: shown, set: { rowsApplied, ...tally } };
  return {
    phase: shown,
    set: { rowsRead: rows, rowsApplied, ...tally },
    // An estimate may be too low; the total is never less than what was done.
    ...(total !== undefined && total !== null && { rowsTotal: Math.max(total, rows) }),
  };
}
