import type { ClientBase, Pool } from 'pg';

/** A table whose rows a run may be narrowed to. */
export interface ScopeTable {
  /** `schema.name` */
  readonly name: string;
  readonly keyColumns: readonly string[];
  /** With their types as PostgreSQL's `format_type` writes them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** A data set as the workers have checked it, for those who cannot see the catalogue. */
export interface DataSetDescription {
  readonly name: string;
  readonly kind: 'flat' | 'joined';
  readonly mode: 'realtime' | 'scheduled';
  readonly source: string;
  readonly target: string;
  /** A joined data set has only its root: keys and filters mean its rows. */
  readonly tables: readonly ScopeTable[];
}

/** Stores what the catalogue declares; data sets that are gone from it become inactive. */
export async function registerDataSets(client: ClientBase, dataSets: readonly DataSetDescription[]): Promise<void> {
  await client.query(
    `INSERT INTO sync.data_sets AS d (name, kind, mode, source, target, tables)
     SELECT name, kind, mode, source, target, tables
     FROM jsonb_to_recordset($1::jsonb) AS r (name text, kind text, mode text, source text, target text, tables jsonb)
     ORDER BY name
     ON CONFLICT (name) DO UPDATE SET active = true, kind = excluded.kind, mode = excluded.mode,
       source = excluded.source, target = excluded.target, tables = excluded.tables, registered_at = now()`,
    [JSON.stringify(dataSets)],
  );
  await client.query('UPDATE sync.data_sets SET active = false WHERE active AND name <> ALL ($1)', [
    dataSets.map(({ name }) => name),
  ]);
}

/** Every active data set, by name. */
export async function readDataSets(db: ClientBase | Pool): Promise<readonly DataSetDescription[]> {
  const { rows } = await db.query<DataSetDescription>(
    'SELECT name, kind, mode, source, target, tables FROM sync.data_sets WHERE active ORDER BY name',
  );
  return rows;
}
