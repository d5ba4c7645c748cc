import { LostColumnsError, tableName, type ColumnRef } from '@astro/sync-core';
import type { ClientBase } from 'pg';
import type { LaneTable } from './registry.js';

interface KnownTable {
  readonly id: number;
  readonly columns: readonly ColumnRef[];
}

/** Tables of a source as they were seen last, by name. */
export type KnownTables = ReadonlyMap<string, KnownTable>;

export interface LaneLook {
  readonly laneId: number;
  readonly before: KnownTables;
  readonly tables: readonly LaneTable[];
}

/** To be read before any table is stored anew. */
export async function readKnownTables(client: ClientBase, sourceId: number): Promise<KnownTables> {
  const { rows } = await client.query<KnownTable & { schema: string; name: string }>(
    `SELECT id, schema_name AS schema, table_name AS name, columns FROM sync.ledger_tables
     WHERE source_id = $1 AND columns IS NOT NULL`,
    [sourceId],
  );
  return new Map(rows.map(({ id, columns, ...table }) => [tableName(table), { id, columns }]));
}

/**
 * Tables that are not as they were seen last were altered while nobody looked. A lane that lost a column by it stands
 * still until a person decides; for any other change it is asked to copy, unless it waits for a person already. Tables
 * that the lane did not read before say nothing.
 */
export async function noteAlteredTables(client: ClientBase, { laneId, before, tables }: LaneLook): Promise<void> {
  for (const lane of tables) {
    const known = before.get(tableName(lane.table));
    if (!known || JSON.stringify(known.columns) === JSON.stringify(lane.columns)) continue;
    const lost = lostColumns(known, lane);
    if (lost) await client.query(STOP, [laneId, known.id, lost.message]);
    else await client.query(ASK_FOR_COPY, [laneId, known.id]);
  }
}

function lostColumns(known: KnownTable, { table, carried, columns }: LaneTable): LostColumnsError | null {
  const needed = carried ?? known.columns.map(({ name }) => name);
  const there = columns.map(({ name }) => name);
  return LostColumnsError.of(tableName(table), needed, there);
}

const READS = 'EXISTS (SELECT FROM sync.lane_tables m WHERE m.lane_id = l.id AND m.table_id = $2)';

/** Whoever asked for a copy of a lane that had stopped for this very reason has decided. */
const STOP = `
UPDATE sync.ledger_lanes l SET state = 'needs_resync', reason = $3, state_since = now(), copy_requested = false
WHERE id = $1 AND ${READS}
  AND (state <> 'needs_resync' OR (copy_requested AND reason IS DISTINCT FROM $3))`;

const ASK_FOR_COPY = `
UPDATE sync.ledger_lanes l SET copy_requested = true WHERE id = $1 AND ${READS} AND state <> 'needs_resync'`;
