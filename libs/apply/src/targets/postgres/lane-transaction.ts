import { FencedError, PoisonError } from '@astro/sync-core';
import type { StateMove } from '../target.js';
import type { TargetSession } from './target-session.js';

/**
 * Foreign keys and unique constraints that can wait do so. A worker that stands still must not hold others up: who
 * waits for its locks gives up, and its own open transaction ends when nothing comes.
 */
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL lock_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = '120s'; SET CONSTRAINTS ALL DEFERRED`;

const POSITIONS = { target: { schema: 'sync', name: 'target_positions' } };
const READ_STATE = `SELECT state FROM sync.target_positions WHERE lane = $1`;
const INSERT_STATE = `INSERT INTO sync.target_positions (lane, state) VALUES ($1, $2) ON CONFLICT (lane) DO NOTHING RETURNING 1`;
const UPDATE_STATE = `UPDATE sync.target_positions SET state = $2 WHERE lane = $1 AND state = $3 RETURNING 1`;
const SET_STATE = `UPDATE sync.target_positions SET state = $2 WHERE lane = $1`;

/** The transaction of one lane's write, which moves the lane's state. Stays open after a part. */
export class LaneTransaction {
  /** The state after the last part of the open transaction; null: no transaction is open. */
  private openState: string | null = null;
  private sound = true;

  constructor(
    private readonly session: TargetSession,
    private readonly lane: string,
  ) {}

  /** The last {@link run} that failed was undone; the connection, and an earlier part, can go on. */
  get isSound(): boolean {
    return this.sound;
  }

  /** Earlier parts of the same source transaction wait for their end. */
  get isOpen(): boolean {
    return this.openState !== null;
  }

  async readState(): Promise<string | null> {
    return (await this.session.run(POSITIONS, READ_STATE, [this.lane]))[0]?.[0] ?? null;
  }

  /**
   * Moves the state and does the work, or neither. With `partial` both wait for the next call.
   * @throws {FencedError} when the state is not what the caller expects
   */
  async run(move: StateMove, partial: boolean, work: () => Promise<void>): Promise<void> {
    this.sound = false;
    const isContinued = this.openState !== null;
    await (isContinued ? this.continue(move) : this.begin(move));
    try {
      await work();
    } catch (error) {
      if (error instanceof PoisonError) await this.undo(isContinued);
      throw error;
    }
    await this.end(move, { partial, isContinued });
    this.sound = true;
  }

  /** The connection is gone, and the transaction with it. */
  forget(): void {
    this.openState = null;
    this.sound = true;
  }

  /** The state first: from here on a parallel worker of the lane waits, and finds itself fenced out. */
  private async begin({ expected, next }: StateMove): Promise<void> {
    await this.session.control(BEGIN);
    const moved =
      expected === null
        ? await this.session.run(POSITIONS, INSERT_STATE, [this.lane, next])
        : await this.session.run(POSITIONS, UPDATE_STATE, [this.lane, next, expected]);
    if (moved.length !== 1) throw new FencedError(`lane "${this.lane}"`);
  }

  private async continue({ expected }: StateMove): Promise<void> {
    if (this.openState !== expected) throw new FencedError(`lane "${this.lane}"`);
    await this.session.control('SAVEPOINT part');
  }

  private async undo(isContinued: boolean): Promise<void> {
    await this.session.control(isContinued ? 'ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part' : 'ROLLBACK');
    this.sound = true;
  }

  private async end({ next }: StateMove, { partial, isContinued }: { partial: boolean; isContinued: boolean }) {
    if (partial) {
      if (isContinued) await this.session.control('RELEASE SAVEPOINT part');
      this.openState = next;
      return;
    }
    if (isContinued) await this.session.run(POSITIONS, SET_STATE, [this.lane, next]);
    this.openState = null;
    await this.session.control('COMMIT');
  }
}
