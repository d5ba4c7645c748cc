import { escapeIdentifier, type ClientBase } from 'pg';
import { tablesOf, type Catalogue } from '@astro/catalogue';
import { tableName, type TableRef } from '@astro/sync-core';

export interface ReaderGrant {
  readonly role: string;
  /** Sentences say in which database it happened. */
  readonly database: 'OperationsDB' | 'SystemDB';
  readonly tables: readonly TableRef[];
}

/** Every source table of the catalogue, once. */
export function sourceTables({ dataSets }: Catalogue): readonly TableRef[] {
  return distinct(dataSets.flatMap(tablesOf));
}

/** Every SystemDB table that the catalogue writes to, once. */
export function targetTables({ dataSets }: Catalogue): readonly TableRef[] {
  const flat = dataSets.flatMap((dataSet) => (dataSet.kind === 'flat' ? dataSet.tables : []));
  return distinct(flat.flatMap(({ target }) => target ?? []));
}

/**
 * Lets the API's role read these tables, as their owner; what it may read already stays as it is.
 * @returns what was done, one sentence each; nothing when there is no such role
 */
export async function grantReader(client: ClientBase, { role, database, tables }: ReaderGrant): Promise<string[]> {
  const { rows } = await client.query<{ schema: string; name: string; usable: boolean; readable: boolean }>(
    `SELECT t.schema, t.name, has_schema_privilege(r.oid, n.oid, 'USAGE') AS usable,
       has_table_privilege(r.oid, c.oid, 'SELECT') AS readable
     FROM unnest($2::text[], $3::text[]) AS t (schema, name)
     JOIN pg_namespace n ON n.nspname = t.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
     JOIN pg_roles r ON r.rolname = $1`,
    [role, tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
  );
  const to = escapeIdentifier(role);
  const schemas = new Set(rows.filter(({ usable }) => !usable).map(({ schema }) => schema));
  for (const schema of schemas) await client.query(`GRANT USAGE ON SCHEMA ${escapeIdentifier(schema)} TO ${to}`);
  const done: string[] = [];
  for (const table of rows.filter(({ readable }) => !readable)) {
    const name = `${escapeIdentifier(table.schema)}.${escapeIdentifier(table.name)}`;
    await client.query(`GRANT SELECT ON TABLE ${name} TO ${to}`);
    done.push(`${database}: granted SELECT on ${tableName(table)} to ${role}`);
  }
  return done;
}

function distinct(tables: readonly TableRef[]): readonly TableRef[] {
  return [...new Map(tables.map((table) => [tableName(table), table])).values()];
}
