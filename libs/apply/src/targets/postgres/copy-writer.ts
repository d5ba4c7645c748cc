import { createHash } from 'node:crypto';
import { linesOf, type CopyBytes } from '../../copy/copy-bytes.js';
import type { RowChunk } from '../target.js';
import { writableColumns } from './batch-plan.js';
import { parkingColumn } from './parking.js';
import { CHECK_CONSTRAINTS, clearForStageSql, copySql, createStageSql, upsertFromStageSql } from './statements.js';
import { isUniqueConflict } from './target-errors.js';
import type { TableShape } from './table-shape.js';
import type { TargetSession } from './target-session.js';

/** A piece of COPY data is sent once it has this many bytes. */
const PIECE_BYTES = 256 * 1024;

/** Writes rows of a copy inside the caller's transaction: straight into a table without such rows, else as upserts. */
export class CopyWriter {
  /** Tables that held rows of the copy already: trying COPY again would only cost. */
  private readonly occupied = new Set<number>();

  constructor(private readonly session: TargetSession) {}

  /** The target is empty: the next rows go straight into their tables again. */
  expectEmpty(): void {
    this.occupied.clear();
  }

  async write(shape: TableShape, chunk: RowChunk): Promise<void> {
    const columns = writableColumns(
      shape,
      chunk.columns.map((column) => column.name),
    );
    if (!this.occupied.has(shape.tableId)) {
      await this.session.control('SAVEPOINT copy');
      try {
        await this.session.copy(shape, copySql(shape.sql, columns), piecesOf(chunk, columns));
        await this.session.run(shape, CHECK_CONSTRAINTS);
        return;
      } catch (error) {
        if (!isUniqueConflict(error)) throw error;
        await this.session.control('ROLLBACK TO SAVEPOINT copy');
        this.occupied.add(shape.tableId);
      }
    }
    await this.upsert(shape, columns, chunk);
  }

  private async upsert(shape: TableShape, columns: readonly string[], chunk: RowChunk): Promise<void> {
    const stage = stageName(shape, columns);
    await this.session.run(shape, createStageSql(shape, stage, columns));
    await this.session.copy(shape, copySql(`pg_temp.${stage}`, columns), piecesOf(chunk, columns));
    await this.session.control('SAVEPOINT upsert');
    const upsert = async (): Promise<void> => {
      await this.session.run(shape, upsertFromStageSql(shape, stage, columns));
      await this.session.run(shape, CHECK_CONSTRAINTS);
    };
    try {
      await upsert();
    } catch (error) {
      if (!isUniqueConflict(error)) throw error;
      await this.session.control('ROLLBACK TO SAVEPOINT upsert');
      await this.makeRoom(shape, stage, columns);
      await upsert();
    }
  }

  /**
   * A row that holds a unique value of a row of this chunk is out of date: the source has both values at once in no
   * snapshot. This copy, or the stream beside it, writes or deletes that row later, or has it in this very chunk.
   */
  private async makeRoom(shape: TableShape, stage: string, columns: readonly string[]): Promise<void> {
    const written = new Set(columns);
    for (const index of shape.uniques) {
      const unique = index.columns ?? [];
      if (!index.plain || !unique.every(({ name }) => written.has(name))) continue;
      const column = parkingColumn(shape, index, written);
      if (!column && shape.undeletable) continue;
      const parked = new Map(column ? [column] : []);
      await this.session.run(shape, clearForStageSql(shape, stage, { unique, parked }));
    }
  }
}

/** One stage per set of columns and their types, kept as long as the connection. */
function stageName(shape: TableShape, columns: readonly string[]): string {
  const facts = [shape.sql, ...columns.flatMap((name) => [name, shape.columnsByName.get(name)?.type])];
  return `target_stage_${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32)}`;
}

function* piecesOf({ bytes, columns }: RowChunk, chosen: readonly string[]): Generator<Buffer> {
  const indexes = chosen.map((name) => columns.findIndex((column) => column.name === name));
  const rows = indexes.length < columns.length ? project(bytes, indexes) : bytes;
  for (let start = 0; start < rows.length; start += PIECE_BYTES) yield rows.subarray(start, start + PIECE_BYTES);
}

/** In COPY text a tab only ever separates values. */
function project(bytes: CopyBytes, indexes: readonly number[]): CopyBytes {
  const lines = linesOf(bytes).map((line) => {
    const values = line.split('\t');
    return `${indexes.map((i) => values[i]).join('\t')}\n`;
  });
  return Buffer.from(lines.join(''), 'latin1');
}
