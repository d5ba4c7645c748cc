import type { ClientBase } from 'pg';
import type { CapturedTable } from '@astro/sync-core';

/** A table's partition as the source has it now. Another `file`: rows came or went without row events. */
export interface KnownPartition {
  readonly id: string;
  readonly file: string;
  readonly wasAttached: boolean;
}

export interface PartitionLook {
  readonly sourceId: number;
  /** Looks at the source: after what was known is read, so that nobody takes an older look for a newer one. */
  readonly look: () => Promise<readonly PartitionsOfTable[]>;
}

export interface PartitionsOfTable {
  readonly table: CapturedTable;
  readonly partitions: readonly KnownPartition[];
}

/** Files of partitions by id. */
type Files = Readonly<Record<string, string>>;

/**
 * Compares partitions with those of the last look, and keeps them in one statement with the consequence: when rows came
 * or went with a partition, which the stream does not tell, the lanes of its table copy again (P6). A partition that was
 * made as one came empty. Of several that look at once, one asks.
 * @returns names of the lanes that this call asked to copy
 */
export async function recordPartitions(
  client: ClientBase,
  { sourceId, look }: PartitionLook,
): Promise<readonly string[]> {
  const stored = await client.query<{ id: number; partitions: Files | null }>(
    'SELECT id, partitions FROM sync.ledger_tables WHERE source_id = $1',
    [sourceId],
  );
  const before = new Map(stored.rows.map(({ id, partitions }) => [id, partitions]));
  const asked: string[] = [];
  for (const { table, partitions } of await look()) {
    const known = before.get(table.id) ?? null;
    const now = Object.fromEntries(partitions.map(({ id, file }) => [id, file]));
    if (known !== null && isSame(known, now)) continue;
    const haveMoved = haveRowsMoved(known, partitions);
    asked.push(...(await keep(client, { tableId: table.id, known, now, haveMoved })));
  }
  return asked;
}

/** Pure. Null: they were not looked at before, so nothing is known. */
export function haveRowsMoved(known: Files | null, partitions: readonly KnownPartition[]): boolean {
  if (known === null) return false;
  const now = new Map(partitions.map((partition) => [partition.id, partition]));
  if (Object.entries(known).some(([id, file]) => now.get(id)?.file !== file)) return true;
  return partitions.some(({ id, wasAttached }) => wasAttached && !(id in known));
}

function isSame(known: Files, now: Files): boolean {
  const ids = Object.keys(known);
  return ids.length === Object.keys(now).length && ids.every((id) => known[id] === now[id]);
}

interface Change {
  readonly tableId: number;
  readonly known: Files | null;
  readonly now: Files;
  readonly haveMoved: boolean;
}

/** A lane that needs a resync waits for a person. */
async function keep(client: ClientBase, { tableId, known, now, haveMoved }: Change): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `WITH kept AS (
       UPDATE sync.ledger_tables SET partitions = $2
       WHERE id = $1 AND partitions IS NOT DISTINCT FROM $3::jsonb RETURNING id)
     UPDATE sync.ledger_lanes l SET copy_requested = true
     FROM kept JOIN sync.lane_tables m ON m.table_id = kept.id
     WHERE $4 AND m.lane_id = l.id AND l.active AND l.state <> 'needs_resync' RETURNING l.name`,
    [tableId, JSON.stringify(now), known && JSON.stringify(known), haveMoved],
  );
  return rows.map(({ name }) => name);
}
