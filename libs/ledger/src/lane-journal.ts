import type { Pool } from 'pg';
import {
  formatLsn,
  parseLsn,
  type CopyChunkRecord,
  type LaneControl,
  type LaneFailure,
  type LaneJournal,
  type LaneMode,
  type StoredLaneState,
} from '@astro/sync-core';

const FLUSH_INTERVAL_MS = 50;
const RETRY_INTERVAL_MS = 1000;

interface Applied {
  state: StoredLaneState;
  changes: number;
}

/** Gathers what all lanes of a process have applied and writes it a few times a second, one statement for all. */
export class LaneJournalWriter {
  private readonly pending = new Map<number, Applied>();
  private timer: NodeJS.Timeout | null = null;
  private flushing: Promise<void> = Promise.resolve();
  private isClosed = false;

  /** @param onError a position that is not mirrored is only old: the target's own counts, and it is tried again */
  constructor(
    private readonly pool: Pool,
    private readonly onError: (error: unknown) => void,
  ) {}

  applied(laneId: number, state: StoredLaneState, changes: number): void {
    const before = this.pending.get(laneId);
    this.pending.set(laneId, { state, changes: (before?.changes ?? 0) + changes });
    this.flushWithin(FLUSH_INTERVAL_MS);
  }

  /** Writes what is pending; never rejects. */
  flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.flushing = this.flushing.then(() => this.writePending()).catch((error: unknown) => this.onError(error));
    return this.flushing;
  }

  /** Writes what is pending, once; never rejects. What cannot be written now is not tried again. */
  async close(): Promise<void> {
    await this.flush();
    this.isClosed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private flushWithin(delayMs: number): void {
    if (this.isClosed) return;
    this.timer ??= setTimeout(() => void this.flush(), delayMs);
  }

  /** What could not be written is kept: a lane with nothing more to do would seem to stand still for ever (P12). */
  private async writePending(): Promise<void> {
    const entries = [...this.pending];
    this.pending.clear();
    if (entries.length === 0) return;
    try {
      await this.write(entries);
    } catch (error) {
      for (const [laneId, { state, changes }] of entries) {
        const newer = this.pending.get(laneId);
        this.pending.set(laneId, { state: newer?.state ?? state, changes: changes + (newer?.changes ?? 0) });
      }
      this.flushWithin(RETRY_INTERVAL_MS);
      throw error;
    }
  }

  private async write(entries: readonly (readonly [number, Applied])[]): Promise<void> {
    await this.pool.query({
      name: 'lane-applied',
      text: `WITH done AS (
          SELECT * FROM unnest($1::int[], $2::pg_lsn[], $3::int[], $4::int[], $5::text[], $6::bigint[])
            AS d (lane_id, lsn, seq, changes, history, moves)),
        batches AS (
          INSERT INTO sync.lane_batches (lane_id, to_lsn, to_seq, changes)
          SELECT lane_id, lsn, seq, changes FROM done WHERE changes > 0)
        UPDATE sync.ledger_lanes l
        SET position_lsn = d.lsn, position_seq = d.seq, history = d.history, moves = greatest(l.moves, d.moves),
          applied_at = clock_timestamp()
        FROM done d WHERE l.id = d.lane_id`,
      values: [
        entries.map(([laneId]) => laneId),
        entries.map(([, { state }]) => formatLsn(state.position.commitLsn)),
        entries.map(([, { state }]) => state.position.seq),
        entries.map(([, { changes }]) => changes),
        entries.map(([, { state }]) => state.history),
        entries.map(([, { state }]) => state.moves),
      ],
    });
  }
}

/** The journal of one lane. See {@link LaneJournal} for its promises. */
export class PgLaneJournal implements LaneJournal {
  constructor(
    private readonly pool: Pool,
    private readonly writer: LaneJournalWriter,
    private readonly laneId: number,
  ) {}

  async control(): Promise<LaneControl> {
    const { rows } = await this.pool.query<ControlRow>(
      `SELECT l.state, l.copy_requested, l.moves, s.history FROM sync.ledger_lanes l
       JOIN sync.sources s ON s.id = l.source_id WHERE l.id = $1`,
      [this.laneId],
    );
    const row = rows[0];
    if (!row) throw new Error(`lane ${this.laneId} is not registered in SystemDB`);
    const { state: mode, copy_requested: copyRequested, history, moves } = row;
    return { mode, copyRequested, history: history ?? '', moves: Number(moves) };
  }

  async setMode(mode: LaneMode, reason: string | null): Promise<void> {
    await this.pool.query(
      `UPDATE sync.ledger_lanes SET state = $2, reason = $3,
         copy_requested = copy_requested AND $2 = 'streaming',
         state_since = CASE WHEN state = $2 THEN state_since ELSE now() END
       WHERE id = $1 AND CASE $2
         WHEN 'copying' THEN state <> 'needs_resync' OR copy_requested
         WHEN 'streaming' THEN state = 'copying'
         ELSE true END`,
      [this.laneId, mode, reason],
    );
  }

  applied(state: StoredLaneState, changes: number): void {
    this.writer.applied(this.laneId, state, changes);
  }

  async failed(failures: readonly LaneFailure[]): Promise<void> {
    for (const { tableId, key, position, code, message } of failures) {
      await this.pool.query(
        `INSERT INTO sync.lane_failures AS f (lane_id, table_id, key, commit_lsn, seq, status, code, message)
         VALUES ($1, $2, $3, $4, $5, 'failed', $6, $7)
         ON CONFLICT (lane_id, table_id, key, commit_lsn, seq)
         DO UPDATE SET attempts = f.attempts + 1, last_at = clock_timestamp(), code = $6, message = $7`,
        [this.laneId, tableId, key, formatLsn(position.commitLsn), position.seq, code, message],
      );
    }
  }

  async settled(keys: readonly { readonly tableId: number; readonly key: string }[]): Promise<void> {
    if (keys.length === 0) return;
    await this.pool.query(
      `UPDATE sync.lane_failures f SET last_at = clock_timestamp(),
         status = CASE WHEN f.code = 'SYNC_INCOMPLETE' THEN 'completed' ELSE 'skipped' END
       FROM unnest($2::int[], $3::text[]) AS k (table_id, key)
       WHERE f.lane_id = $1 AND f.table_id = k.table_id AND f.key = k.key AND f.status = 'failed'`,
      [this.laneId, keys.map((key) => key.tableId), keys.map((key) => key.key)],
    );
  }

  async openFailures(): Promise<readonly LaneFailure[]> {
    const { rows } = await this.pool.query<FailureRow>(
      `SELECT table_id, key, commit_lsn, seq, code, message FROM sync.lane_failures
       WHERE lane_id = $1 AND status = 'failed' ORDER BY commit_lsn, seq`,
      [this.laneId],
    );
    return rows.map((row) => ({
      tableId: row.table_id,
      key: row.key,
      position: { commitLsn: parseLsn(row.commit_lsn), seq: row.seq },
      code: row.code,
      message: row.message,
    }));
  }

  async copied(chunk: CopyChunkRecord): Promise<void> {
    await this.pool.query(
      `INSERT INTO sync.copy_chunks
         (lane_id, copy_id, job_type, entity_type, entity_id, rows, removed, created_at, executed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000), clock_timestamp())`,
      [
        this.laneId,
        chunk.copyId,
        chunk.jobType,
        chunk.entityType,
        chunk.entityId,
        chunk.rows,
        chunk.removed,
        chunk.startedAtMs,
      ],
    );
  }
}

interface ControlRow {
  readonly state: LaneMode;
  readonly copy_requested: boolean;
  readonly history: string | null;
  readonly moves: string;
}

interface FailureRow {
  table_id: number;
  key: string;
  commit_lsn: string;
  seq: number;
  code: string;
  message: string;
}
