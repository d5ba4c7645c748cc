import type { ClientBase } from 'pg';
import type { TableRef } from '@astro/sync-core';

/** A publication as it stands in the source. */
export interface PublicationState {
  readonly allTables: boolean;
  /** Whole schemas (FOR TABLES IN SCHEMA). */
  readonly schemas: readonly string[];
  readonly tables: readonly PublishedTable[];
  readonly options: PublicationOptions;
}

export interface PublishedTable {
  readonly table: TableRef;
  /** A column list; null: all columns. */
  readonly columns: readonly string[] | null;
  /** The SQL of a row filter. */
  readonly filter: string | null;
}

export interface PublicationOptions {
  /** Such as `insert, update, delete, truncate`. */
  readonly publish: string;
  readonly viaRoot: boolean;
  /** `none` or `stored`; only PostgreSQL 18 and later know others than `none`. */
  readonly generatedColumns: 'none' | 'stored';
}

export const WANTED_OPTIONS: PublicationOptions = {
  publish: 'insert, update, delete, truncate',
  viaRoot: true,
  generatedColumns: 'none',
};

/** Fields differ between server versions, so rows are read as JSON. */
interface PublicationRow {
  readonly oid: string;
  readonly puballtables: boolean;
  readonly pubinsert: boolean;
  readonly pubupdate: boolean;
  readonly pubdelete: boolean;
  readonly pubtruncate: boolean;
  readonly pubviaroot: boolean;
  readonly pubgencols?: string | boolean;
}

interface MemberRow extends TableRef {
  readonly columns: readonly string[] | null;
  readonly filter: string | null;
}

const ROW_FILTERS_SINCE = 150_000;

/** @returns null when there is no such publication */
export async function readPublication(client: ClientBase, name: string): Promise<PublicationState | null> {
  const found = await client.query<{ row: PublicationRow; version: number }>(
    `SELECT pg_catalog.to_jsonb(p) AS row, pg_catalog.current_setting('server_version_num')::int AS version
     FROM pg_catalog.pg_publication p WHERE p.pubname = $1`,
    [name],
  );
  const [publication] = found.rows;
  if (!publication) return null;
  const { row, version } = publication;
  const members = await client.query<MemberRow>(membersSql(version), [row.oid]);
  return {
    allTables: row.puballtables,
    schemas: version < ROW_FILTERS_SINCE ? [] : await readSchemas(client, row.oid),
    tables: members.rows.map(({ schema, name: table, columns, filter }) => ({
      table: { schema, name: table },
      columns,
      filter,
    })),
    options: toOptions(row),
  };
}

function membersSql(version: number): string {
  const details =
    version < ROW_FILTERS_SINCE
      ? 'NULL::text[] AS columns, NULL::text AS filter'
      : `CASE WHEN r.prattrs IS NOT NULL THEN ARRAY(
           SELECT a.attname::text FROM pg_catalog.pg_attribute a
           WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::pg_catalog.int2[]) ORDER BY a.attnum) END AS columns,
         pg_catalog.pg_get_expr(r.prqual, r.prrelid) AS filter`;
  return `SELECT n.nspname AS schema, c.relname AS name, ${details}
          FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE r.prpubid = $1::pg_catalog.oid ORDER BY 1, 2`;
}

async function readSchemas(client: ClientBase, oid: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT n.nspname AS name FROM pg_catalog.pg_publication_namespace p
     JOIN pg_catalog.pg_namespace n ON n.oid = p.pnnspid WHERE p.pnpubid = $1::pg_catalog.oid ORDER BY 1`,
    [oid],
  );
  return rows.map(({ name }) => name);
}

function toOptions(row: PublicationRow): PublicationOptions {
  const kinds = { insert: row.pubinsert, update: row.pubupdate, delete: row.pubdelete, truncate: row.pubtruncate };
  const publish = Object.entries(kinds).flatMap(([kind, isPublished]) => (isPublished ? [kind] : []));
  const withGenerated = row.pubgencols === 's' || row.pubgencols === true;
  return { publish: publish.join(', '), viaRoot: row.pubviaroot, generatedColumns: withGenerated ? 'stored' : 'none' };
}
