import type { ClientBase } from 'pg';
import type { CapturedTable, ColumnRef, TableRef } from '@astro/sync-core';
import { noteAlteredTables, readKnownTables, type KnownTables } from './altered-tables.js';

/** One direction of one data set, as the catalogue declares it. */
export interface LaneDefinition {
  readonly name: string;
  readonly dataSet: string;
  readonly target: string;
  readonly jobType: 'realtime' | 'batch';
  readonly tables: readonly LaneTable[];
}

export interface LaneTable {
  readonly table: TableRef;
  readonly keyColumns: readonly string[];
  /** As the source has them now: a stream that brings others tells the lanes to copy again (W25). */
  readonly columns: readonly ColumnRef[];
  /** Names of those that the lane cannot do without; null: of all that the table has. */
  readonly carried: readonly string[] | null;
}

export interface RegisteredLane {
  readonly id: number;
  readonly name: string;
  readonly tables: readonly CapturedTable[];
}

export interface RegisteredSource {
  readonly id: number;
  /** Every table of every active lane, once. */
  readonly tables: readonly CapturedTable[];
  readonly lanes: readonly RegisteredLane[];
}

export interface StoredSource {
  readonly id: number;
  /** Completeness was lost; only a new start mends it. */
  readonly isGap: boolean;
  readonly tables: readonly CapturedTable[];
}

/**
 * Makes the ledger know a source, its tables and its lanes, in one transaction; safe to call from several workers.
 * A lane that is new, was inactive, or got a new table, is asked to copy. Lanes no longer declared become inactive; their
 * rows stay. When other tables are read than before, capture starts again: a writer that does not know them passes them
 * over. Lanes of tables that were altered meanwhile copy, or stand still: see {@link noteAlteredTables}.
 */
export async function registerSource(
  client: ClientBase,
  name: string,
  lanes: readonly LaneDefinition[],
): Promise<RegisteredSource> {
  await client.query('BEGIN');
  try {
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('sync.register'))`);
    const sourceId = await upsertSource(client, name);
    const before = await activeTables(client, sourceId);
    const known = await readKnownTables(client, sourceId);
    const registered: RegisteredLane[] = [];
    for (const lane of lanes) registered.push(await upsertLane(client, { sourceId, known }, lane));
    await client.query('UPDATE sync.ledger_lanes SET active = false WHERE source_id = $1 AND name <> ALL ($2)', [
      sourceId,
      lanes.map((lane) => lane.name),
    ]);
    await noteActiveTables(client, sourceId, before);
    await client.query('COMMIT');
    const tables = new Map(registered.flatMap((lane) => lane.tables).map((table) => [table.id, table]));
    return { id: sourceId, tables: [...tables.values()], lanes: registered };
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** What the ledger holds of a source: null when it was never registered. Tables are those of active lanes. */
export async function findSource(client: ClientBase, name: string): Promise<StoredSource | null> {
  const { rows } = await client.query<{ id: number; state: string }>(
    'SELECT id, state FROM sync.sources WHERE name = $1',
    [name],
  );
  const source = rows[0];
  if (!source) return null;
  const tables = await client.query<{ id: number; schema_name: string; table_name: string; key_columns: string[] }>(
    `SELECT id, schema_name, table_name, key_columns FROM sync.ledger_tables t
     WHERE source_id = $1 AND EXISTS (
       SELECT FROM sync.lane_tables m JOIN sync.ledger_lanes l ON l.id = m.lane_id AND l.active WHERE m.table_id = t.id)`,
    [source.id],
  );
  return {
    id: source.id,
    isGap: source.state === 'gap',
    tables: tables.rows.map((row) => ({
      id: row.id,
      table: { schema: row.schema_name, name: row.table_name },
      keyColumns: row.key_columns,
    })),
  };
}

/** The active lanes of a source. Their tables come in no certain order. */
export async function findLanes(client: ClientBase, sourceId: number): Promise<readonly RegisteredLane[]> {
  const { rows } = await client.query<LaneTableRow>(
    `SELECT l.id, l.name, t.id AS table_id, t.schema_name, t.table_name, t.key_columns
     FROM sync.ledger_lanes l
     JOIN sync.lane_tables m ON m.lane_id = l.id
     JOIN sync.ledger_tables t ON t.id = m.table_id
     WHERE l.source_id = $1 AND l.active ORDER BY l.id, t.id`,
    [sourceId],
  );
  const lanes = new Map<number, { id: number; name: string; tables: CapturedTable[] }>();
  for (const row of rows) {
    const lane = lanes.get(row.id) ?? { id: row.id, name: row.name, tables: [] };
    lanes.set(row.id, lane);
    const table = { schema: row.schema_name, name: row.table_name };
    lane.tables.push({ id: row.table_id, table, keyColumns: row.key_columns });
  }
  return [...lanes.values()];
}

interface LaneTableRow {
  readonly id: number;
  readonly name: string;
  readonly table_id: number;
  readonly schema_name: string;
  readonly table_name: string;
  readonly key_columns: string[];
}

async function upsertSource(client: ClientBase, name: string): Promise<number> {
  await client.query('INSERT INTO sync.sources (name) VALUES ($1) ON CONFLICT (name) DO NOTHING', [name]);
  const { rows } = await client.query<{ id: number }>('SELECT id FROM sync.sources WHERE name = $1', [name]);
  return Number(rows[0]?.id);
}

async function activeTables(client: ClientBase, sourceId: number): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT DISTINCT m.table_id AS id FROM sync.ledger_lanes l JOIN sync.lane_tables m ON m.lane_id = l.id
     WHERE l.source_id = $1 AND l.active`,
    [sourceId],
  );
  return new Set(rows.map(({ id }) => id));
}

/** How a table was published while nobody looked says nothing about the copy that its lanes are asked for. */
async function noteActiveTables(client: ClientBase, sourceId: number, before: ReadonlySet<number>): Promise<void> {
  const now = await activeTables(client, sourceId);
  const added = [...now].filter((id) => !before.has(id));
  if (added.length === 0 && now.size === before.size) return;
  await client.query('UPDATE sync.ledger_tables SET published = NULL, partitions = NULL WHERE id = ANY ($1)', [added]);
  await client.query('UPDATE sync.sources SET writer = writer + 1 WHERE id = $1', [sourceId]);
}

interface SourceBefore {
  readonly sourceId: number;
  readonly known: KnownTables;
}

async function upsertLane(
  client: ClientBase,
  { sourceId, known }: SourceBefore,
  lane: LaneDefinition,
): Promise<RegisteredLane> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO sync.ledger_lanes AS l (name, data_set, source_id, target, job_type) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (name) DO UPDATE SET active = true, target = excluded.target, job_type = excluded.job_type,
       copy_requested = l.copy_requested OR NOT l.active -- its tables were not captured meanwhile
     RETURNING id`,
    [lane.name, lane.dataSet, sourceId, lane.target, lane.jobType],
  );
  const id = Number(rows[0]?.id);
  await noteAlteredTables(client, { laneId: id, before: known, tables: lane.tables });
  const tables: CapturedTable[] = [];
  for (const table of lane.tables) tables.push(await upsertTable(client, sourceId, table));
  await linkTables(client, { laneId: id, sourceId, tableIds: tables.map((table) => table.id) });
  return { id, name: lane.name, tables };
}

async function upsertTable(client: ClientBase, sourceId: number, lane: LaneTable): Promise<CapturedTable> {
  const { table, keyColumns, columns } = lane;
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO sync.ledger_tables (source_id, schema_name, table_name, key_columns, columns)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (source_id, schema_name, table_name)
     DO UPDATE SET key_columns = excluded.key_columns, columns = excluded.columns
     RETURNING id`,
    [sourceId, table.schema, table.name, keyColumns, JSON.stringify(columns)],
  );
  return { id: Number(rows[0]?.id), table, keyColumns };
}

interface LaneLink {
  readonly laneId: number;
  readonly sourceId: number;
  readonly tableIds: readonly number[];
}

async function linkTables(client: ClientBase, { laneId, sourceId, tableIds }: LaneLink): Promise<void> {
  const added = await client.query(
    `INSERT INTO sync.lane_tables (lane_id, table_id, since_lsn)
     SELECT $1, t, coalesce((SELECT safe_lsn FROM sync.sources WHERE id = $2), '0/0') FROM unnest($3::int[]) t
     ON CONFLICT DO NOTHING`,
    [laneId, sourceId, tableIds],
  );
  await client.query('DELETE FROM sync.lane_tables WHERE lane_id = $1 AND table_id <> ALL ($2)', [laneId, tableIds]);
  if (added.rowCount === 0) return;
  await client.query('UPDATE sync.ledger_lanes SET copy_requested = true WHERE id = $1', [laneId]);
}
