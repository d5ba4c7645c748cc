import type { ClientBase } from 'pg';
import type { TableRef } from '@astro/sync-core';
import { readPublication, type PublicationState } from '../preflight/publication-state.js';
import { tableSql } from '../preflight/sql-names.js';

/** What set-up finds in the source before it changes anything. */
export interface SourceState {
  readonly role: string;
  /** Such as 150004. */
  readonly serverVersion: number;
  readonly publication: PublicationState | null;
  readonly hasProvenance: boolean;
  /** Tables that carry an origin trigger, also those that no data set needs any more. */
  readonly triggers: readonly TableRef[];
  /** What the worker role may not read yet. */
  readonly unreadableSchemas: readonly string[];
  readonly unreadableTables: readonly TableRef[];
}

export interface StateQuery {
  readonly publication: string;
  readonly provenanceSchema: string;
  readonly tables: readonly TableRef[];
  readonly workerRole: string | null;
}

export async function readSourceState(client: ClientBase, query: StateQuery): Promise<SourceState> {
  const { rows } = await client.query<{ role: string; version: number; installed: boolean }>(
    `SELECT current_user AS role, pg_catalog.current_setting('server_version_num')::int AS version,
            EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                    WHERE n.nspname = $1) AS installed`,
    [query.provenanceSchema],
  );
  const { role, version, installed } = rows[0]!;
  const workerRole = query.workerRole === role ? null : query.workerRole;
  return {
    role,
    serverVersion: version,
    publication: await readPublication(client, query.publication),
    hasProvenance: installed,
    triggers: await readTriggers(client, query.provenanceSchema),
    ...(await readMissingRights(client, workerRole, query.tables)),
  };
}

async function readTriggers(client: ClientBase, schema: string): Promise<readonly TableRef[]> {
  const { rows } = await client.query<TableRef>(
    `SELECT n.nspname AS schema, c.relname AS name
     FROM pg_catalog.pg_trigger t
     JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
     WHERE pn.nspname = $1 AND NOT t.tgisinternal ORDER BY 1, 2`,
    [schema],
  );
  return rows.map(({ schema: own, name }) => ({ schema: own, name }));
}

async function readMissingRights(client: ClientBase, role: string | null, tables: readonly TableRef[]) {
  if (role === null) return { unreadableSchemas: [], unreadableTables: [] };
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  const missingSchemas = await client.query<{ name: string }>(
    `SELECT name FROM pg_catalog.unnest($2::pg_catalog.text[]) AS name
     WHERE NOT pg_catalog.has_schema_privilege($1, pg_catalog.quote_ident(name)::pg_catalog.regnamespace, 'USAGE')`,
    [role, schemas],
  );
  const missingTables = await client.query<{ index: number }>(
    `SELECT position::int - 1 AS index FROM pg_catalog.unnest($2::pg_catalog.text[]) WITH ORDINALITY AS t (name, position)
     WHERE NOT pg_catalog.has_table_privilege($1, name::pg_catalog.regclass, 'SELECT')`,
    [role, tables.map(tableSql)],
  );
  return {
    unreadableSchemas: missingSchemas.rows.map(({ name }) => name),
    unreadableTables: missingTables.rows.map(({ index }) => tables[index]!),
  };
}
