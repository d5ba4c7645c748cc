import type { ClientBase } from 'pg';
import type { CapturedTable } from '@astro/sync-core';

/** How a table stands in the publication now. */
export interface TableMark {
  readonly table: CapturedTable;
  readonly mark: string;
  readonly fault: string | null;
}

export interface PublicationLook {
  readonly sourceId: number;
  readonly marks: readonly TableMark[];
  /** For people, without a full stop: why changes of the table may be missing although all is well now. */
  readonly wasChanged: (table: CapturedTable) => string;
  /** For people: how to mend it. */
  readonly fix: string;
}

/**
 * Compares how tables are published with how they were at the last look, and keeps the new state in one transaction
 * with its consequence: lanes of a table that is not, or was not all the time, published whole need a resync (P6).
 * @returns names of the lanes that this call stopped
 */
export async function recordPublication(client: ClientBase, look: PublicationLook): Promise<readonly string[]> {
  const { sourceId, marks, wasChanged, fix } = look;
  await client.query('BEGIN');
  try {
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('sync.publication'))`);
    const stored = await client.query<{ id: number; published: string | null }>(
      'SELECT id, published FROM sync.ledger_tables WHERE source_id = $1',
      [sourceId],
    );
    const before = new Map(stored.rows.map(({ id, published }) => [id, published]));
    const stopped: string[] = [];
    for (const { table, mark, fault } of marks) {
      const known = before.get(table.id) ?? null;
      if (known !== mark)
        await client.query('UPDATE sync.ledger_tables SET published = $2 WHERE id = $1', [table.id, mark]);
      const wasWhole = known === null || known === mark;
      const reason = fault ?? (wasWhole ? null : wasChanged(table));
      if (reason !== null) stopped.push(...(await stopLanes(client, table.id, `${reason}. ${fix}`)));
    }
    await client.query('COMMIT');
    return stopped;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** The lane needs a resync. @returns false when it did already */
export async function stopLane(client: ClientBase, laneId: number, reason: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE sync.ledger_lanes SET state = 'needs_resync', reason = $2, state_since = now(), copy_requested = false
     WHERE id = $1 AND active AND (state <> 'needs_resync' OR copy_requested)`,
    [laneId, reason],
  );
  return rowCount === 1;
}

/** Every active lane that reads the table needs a resync; a copy that was asked for would not help. */
export async function stopLanes(client: ClientBase, tableId: number, reason: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `UPDATE sync.ledger_lanes l SET state = 'needs_resync', reason = $2, state_since = now(), copy_requested = false
     FROM sync.lane_tables m
     WHERE m.lane_id = l.id AND m.table_id = $1 AND l.active AND (l.state <> 'needs_resync' OR l.copy_requested)
     RETURNING l.name`,
    [tableId, reason],
  );
  return rows.map(({ name }) => name);
}
