import type { ClientBase } from 'pg';
import { tableName, type TableRef } from '@astro/sync-core';

/** A partition, at any level below the table. */
export interface PartitionMark {
  readonly id: string;
  /** Where its rows lie and since when they belong to the table; changes when rows come or go without row events. */
  readonly file: string;
  /** It came with rows of its own: it was a table before, and is not empty now. */
  readonly wasAttached: boolean;
}

interface PartitionRow {
  readonly table_name: string;
  readonly id: string;
  readonly file: string;
  readonly attached: boolean;
}

/**
 * A partition that was made as one belongs to its table since the transaction that made it, whose number its system
 * columns keep. One that was attached and has no page yet brought nothing: so come those that are prepared for later.
 */
const PARTITIONS = `
WITH RECURSIVE tree AS (
  SELECT n.nspname || '.' || c.relname AS table_name, c.oid, '' AS since, false AS attached
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS t (schema, name)
    ON n.nspname = t.schema AND c.relname = t.name
  WHERE c.relkind = 'p'
  UNION ALL
  SELECT tree.table_name, i.inhrelid, i.xmin::text, i.xmin::text <> (
    SELECT a.xmin::text FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = i.inhrelid AND a.attname = 'xmin' AND a.attnum < 0)
  FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid AND NOT i.inhdetachpending)
SELECT tree.table_name, c.oid::text AS id,
       tree.since || '.' || coalesce(pg_catalog.pg_relation_filenode(c.oid), 0) AS file,
       tree.attached AND (c.relkind = 'p' OR pg_catalog.pg_relation_size(c.oid) > 0) AS attached
FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid AND c.relispartition`;

/** Reads which partitions the tables have, in one statement. @returns by `schema.table`; none: an ordinary table */
export async function readPartitionMarks(
  client: ClientBase,
  tables: readonly TableRef[],
): Promise<ReadonlyMap<string, readonly PartitionMark[]>> {
  const { rows } = await client.query<PartitionRow>(PARTITIONS, [
    tables.map(({ schema }) => schema),
    tables.map(({ name }) => name),
  ]);
  const found = new Map<string, PartitionMark[]>(tables.map((table) => [tableName(table), []]));
  for (const { table_name: name, id, file, attached } of rows) {
    found.get(name)?.push({ id, file, wasAttached: attached });
  }
  return found;
}
