import { DatabaseError } from 'pg';
import type { TableShape } from './table-shape.js';
import type { TargetSession } from './target-session.js';

/** Not permitted; a foreign key of another table refers to the rows; readers hold the table too long. */
const REFUSED = new Set(['42501', '0A000', '55P03']);

/** Empties tables inside the caller's transaction. @param tables children first */
export async function truncateTables(session: TargetSession, tables: readonly TableShape[]): Promise<void> {
  if (tables.length === 0) return;
  await session.control('SAVEPOINT truncation');
  try {
    await session.control(`TRUNCATE ${tables.map(({ sql }) => sql).join(', ')}`);
  } catch (error) {
    if (!(error instanceof DatabaseError) || !REFUSED.has(error.code ?? '')) throw error;
    await session.control('ROLLBACK TO SAVEPOINT truncation');
    for (const table of tables) await session.run(table, `DELETE FROM ${table.sql}`);
  }
}
