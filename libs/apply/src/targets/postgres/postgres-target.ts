import type { ClientConfig } from 'pg';
import { PoisonError, encodeKey } from '@astro/sync-core';
import type { Comparison, KeyState, RowChunk, StateMove, Target, TargetBatch, WriteOptions } from '../target.js';
import { planBatch, shapeOf } from './batch-plan.js';
import { BatchWriter } from './batch-writer.js';
import { compareStates } from './compare-states.js';
import { CopyWriter } from './copy-writer.js';
import { LaneTransaction } from './lane-transaction.js';
import { CHECK_CONSTRAINTS, DEFER_CONSTRAINTS, keysSql } from './statements.js';
import { isOrderConflict } from './target-errors.js';
import type { PostgresTargetTable, Shapes } from './table-shape.js';
import { TargetSession } from './target-session.js';
import { truncateTables } from './truncate.js';

export interface PostgresTargetOptions {
  /** With the settings that `postgresConfig` of `@astro/runtime` pins. */
  readonly connection: ClientConfig;
  readonly lane: string;
  readonly tables: readonly PostgresTargetTable[];
}

/**
 * SQL tables as the end of a lane: one source transaction becomes one SQL transaction, together with the lane's state
 * in `sync.target_positions` (P5). One connection, opened when needed and given up after errors and by {@link reset}.
 *
 * A batch that fails with {@link PoisonError} is undone alone: parts of the same source transaction that were written
 * before stay in the open transaction until {@link reset}.
 */
export class PostgresTarget implements Target {
  private readonly session: TargetSession;
  private readonly transaction: LaneTransaction;
  private readonly copyWriter: CopyWriter;

  constructor(options: PostgresTargetOptions) {
    this.session = new TargetSession(options.connection, options.tables);
    this.transaction = new LaneTransaction(this.session, options.lane);
    this.copyWriter = new CopyWriter(this.session);
  }

  readState(): Promise<string | null> {
    return this.guarded(() => this.transaction.readState());
  }

  /** @throws {ConfigError} when the target table, or a column of it, is missing */
  write(batch: TargetBatch, move: StateMove, { partial, checked = false, onIncomplete }: WriteOptions): Promise<void> {
    return this.guarded(() =>
      this.transaction.run(move, partial, async () => {
        const incomplete = await this.writeBatch(batch, checked || !partial);
        if (incomplete.length > 0) await onIncomplete(incomplete);
      }),
    );
  }

  writeRows(chunk: RowChunk, move: StateMove): Promise<void> {
    return this.guarded(() =>
      this.transaction.run(move, false, async () => {
        const shapes = await this.session.tableShapes();
        await this.copyWriter.write(shapeOf(shapes, chunk.tableId), chunk);
      }),
    );
  }

  async isEmpty(): Promise<boolean> {
    const isEmpty = await this.guarded(async () => {
      for (const shape of (await this.session.tableShapes()).parentsFirst) {
        const rows = await this.session.run(shape, `SELECT 1 FROM ${shape.sql} LIMIT 1`);
        if (rows.length > 0) return false;
      }
      return true;
    });
    if (isEmpty) this.copyWriter.expectEmpty();
    return isEmpty;
  }

  async *keys(tableId: number, pageSize: number): AsyncGenerator<readonly string[]> {
    let after: string[] = [];
    for (;;) {
      const page = await this.guarded(() => this.keysAfter(after, tableId, pageSize));
      if (page.length > 0) yield page.map((key) => encodeKey(key));
      if (page.length < pageSize) return;
      after = page[page.length - 1] ?? [];
    }
  }

  compare(states: readonly KeyState[]): Promise<Comparison> {
    return this.guarded(() => this.undoneAlone(() => compareStates(this.session, states)));
  }

  /** A value that a column cannot hold fails here, too, and must not take an open transaction with it. */
  private async undoneAlone<T>(read: () => Promise<T>): Promise<T> {
    if (!this.transaction.isOpen) return read();
    await this.session.control('SAVEPOINT look');
    try {
      return await read();
    } catch (error) {
      if (error instanceof PoisonError) await this.session.control('ROLLBACK TO SAVEPOINT look');
      throw error;
    }
  }

  async reset(): Promise<void> {
    this.transaction.forget();
    await this.session.close();
  }

  private async keysAfter(after: readonly string[], tableId: number, pageSize: number): Promise<string[][]> {
    const shape = shapeOf(await this.session.tableShapes(), tableId);
    return (await this.session.run(shape, keysSql(shape, pageSize, after.length === 0), after)) as string[][];
  }

  private async writeBatch(batch: TargetBatch, checked: boolean): Promise<readonly KeyState[]> {
    if (batch.truncated.length === 0 && batch.states.length === 0) {
      // The end of a transaction in parts: COMMIT would check what waits too, but as an error nobody could place.
      if (checked && this.transaction.isOpen) await this.checkConstraints(await this.session.tableShapes());
      return [];
    }
    const shapes = await this.session.tableShapes();
    const truncated = shapes.parentsFirst.filter(({ tableId }) => batch.truncated.includes(tableId)).reverse();
    await truncateTables(this.session, truncated);
    const plans = planBatch(batch, shapes);
    const attempt = async (makeRoom: boolean): Promise<readonly KeyState[]> => {
      await this.session.control('SAVEPOINT batch');
      const incomplete = await new BatchWriter(this.session, plans, makeRoom).write();
      if (checked) await this.checkConstraints(shapes);
      return incomplete;
    };
    try {
      return await attempt(false);
    } catch (error) {
      if (!isOrderConflict(error)) throw error;
      await this.session.control('ROLLBACK TO SAVEPOINT batch');
      return attempt(true);
    }
  }

  /** What can wait waits again afterwards: more of the transaction may follow. */
  private async checkConstraints({ deferrable, parentsFirst }: Shapes): Promise<void> {
    const last = parentsFirst[parentsFirst.length - 1];
    if (!deferrable || !last) return;
    await this.session.run(last, CHECK_CONSTRAINTS);
    await this.session.control(DEFER_CONSTRAINTS);
  }

  /** After an error the connection goes, unless the transaction has undone exactly what failed. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // What the tables take may be something else by the next try: somebody was told to change them.
      if (error instanceof PoisonError && this.transaction.isSound) this.session.forgetShapes();
      else await this.reset();
      throw error;
    }
  }
}
