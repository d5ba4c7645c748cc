import type { ClientBase } from 'pg';
import { SourceSchema, type ColumnInfo, type RelationInfo, type UniqueIndex } from './source-schema.js';

const RELATIONS = `
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relpersistence AS persistence,
       c.relreplident AS identity,
       (SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition) AS partition_of,
       EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class heir ON heir.oid = i.inhrelid
               WHERE i.inhparent = c.oid AND NOT heir.relispartition) AS has_heirs,
       EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
               AND d.objid = c.oid AND d.deptype = 'e') AS is_of_extension,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE')
         AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS may_select,
       pg_catalog.row_security_active(c.oid) AS hides_rows
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY n.nspname, c.relname`;

const COLUMNS = `
WITH RECURSIVE base (oid, base_oid, typmod) AS (
  SELECT t.oid, t.oid, -1 FROM pg_catalog.pg_type t WHERE t.typtype <> 'd'
  UNION ALL
  SELECT d.oid, b.base_oid, CASE WHEN b.typmod >= 0 THEN b.typmod ELSE d.typtypmod END
  FROM pg_catalog.pg_type d JOIN base b ON d.typbasetype = b.oid WHERE d.typtype = 'd'
)
SELECT a.attrelid AS relation, a.attname AS name, a.atttypid AS type_oid,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type_name,
       tn.nspname = 'pg_catalog' AND t.oid < 16384 AS is_built_in,
       pg_catalog.format_type(b.base_oid, CASE WHEN t.typtype = 'd' THEN b.typmod ELSE a.atttypmod END) AS base_type_name,
       t.typcategory = 'A' AND t.typelem <> 0 AS is_array, t.typtype = 'e' AS is_enum,
       a.attnotnull AS not_null, a.attgenerated <> '' AS is_generated, a.attgenerated = 's' AS is_stored,
       a.attidentity = 'a' AS is_identity_always, a.atthasdef OR a.attidentity <> '' AS has_default
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
JOIN base b ON b.oid = a.atttypid
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum`;

const UNIQUE_INDEXES = `
SELECT i.indrelid AS relation, ic.relname AS name, i.indisprimary AS is_primary,
       i.indisreplident AS is_replica_identity,
       i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND NOT (0 = ANY (i.indkey::pg_catalog.int2[])) AS is_strict,
       ARRAY(SELECT a.attname::pg_catalog.text
             FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k (attnum, position)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
             WHERE k.position <= i.indnkeyatts ORDER BY k.position) AS columns
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
WHERE i.indisunique AND c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384
ORDER BY i.indrelid, ic.relname`;

interface RelationRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  readonly persistence: keyof typeof PERSISTENCES;
  readonly identity: keyof typeof IDENTITIES;
  readonly partition_of: number | null;
  readonly has_heirs: boolean;
  readonly is_of_extension: boolean;
  readonly may_select: boolean;
  readonly hides_rows: boolean;
}

interface ColumnRow {
  readonly relation: number;
  readonly name: string;
  readonly type_oid: number;
  readonly type_name: string;
  readonly is_built_in: boolean;
  readonly base_type_name: string;
  readonly is_array: boolean;
  readonly is_enum: boolean;
  readonly not_null: boolean;
  readonly is_generated: boolean;
  readonly is_stored: boolean;
  readonly is_identity_always: boolean;
  readonly has_default: boolean;
}

interface IndexRow {
  readonly relation: number;
  readonly name: string;
  readonly is_primary: boolean;
  readonly is_replica_identity: boolean;
  readonly is_strict: boolean;
  readonly columns: readonly string[];
}

const KINDS = { r: 'table', p: 'partitioned table', v: 'view', m: 'materialized view', f: 'foreign table' } as const;
const PERSISTENCES = { p: 'permanent', u: 'unlogged', t: 'temporary' } as const;
const IDENTITIES = { d: 'default', f: 'full', i: 'index', n: 'nothing' } as const;

/** Reads what the server's catalogs say about every table that is not PostgreSQL's own. */
export async function introspect(client: ClientBase): Promise<SourceSchema> {
  const version = await client.query<{ version: number }>(
    `SELECT pg_catalog.current_setting('server_version_num')::int AS version`,
  );
  const relations = await client.query<RelationRow>(RELATIONS);
  const columns = group((await client.query<ColumnRow>(COLUMNS)).rows, toColumn);
  const indexes = group((await client.query<IndexRow>(UNIQUE_INDEXES)).rows, toIndex);
  const infos = relations.rows.map((row) => toRelation(row, columns.get(row.oid) ?? [], indexes.get(row.oid) ?? []));
  return new SourceSchema(infos, version.rows[0]?.version ?? 0);
}

function group<Row extends { relation: number }, T>(rows: readonly Row[], map: (row: Row) => T): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows) {
    const group = groups.get(row.relation);
    if (group) group.push(map(row));
    else groups.set(row.relation, [map(row)]);
  }
  return groups;
}

function toRelation(row: RelationRow, columns: readonly ColumnInfo[], indexes: readonly UniqueIndex[]): RelationInfo {
  return {
    oid: row.oid,
    table: { schema: row.schema, name: row.name },
    kind: KINDS[row.kind],
    persistence: PERSISTENCES[row.persistence],
    identity: IDENTITIES[row.identity],
    partitionOf: row.partition_of,
    hasHeirs: row.has_heirs,
    isOfExtension: row.is_of_extension,
    maySelect: row.may_select,
    hidesRows: row.hides_rows,
    columns,
    uniqueIndexes: indexes,
  };
}

function toColumn(row: ColumnRow): ColumnInfo {
  return {
    name: row.name,
    typeOid: row.type_oid,
    typeName: row.type_name,
    isBuiltIn: row.is_built_in,
    baseTypeName: row.base_type_name,
    isArray: row.is_array,
    isEnum: row.is_enum,
    notNull: row.not_null,
    isGenerated: row.is_generated,
    isStored: row.is_stored,
    isIdentityAlways: row.is_identity_always,
    hasDefault: row.has_default,
  };
}

function toIndex(row: IndexRow): UniqueIndex {
  return {
    name: row.name,
    columns: row.columns,
    isPrimary: row.is_primary,
    isReplicaIdentity: row.is_replica_identity,
    isStrict: row.is_strict,
  };
}
