import { escapeIdentifier, type ClientBase, type Pool, type QueryArrayResult } from 'pg';
import { decodeKey, DocumentEncoder } from '@astro/sync-core';
import { type Value } from './holding.js';

/** Values stay PostgreSQL's own text, as in documents. */
const TEXT_ONLY = { getTypeParser: () => (value: string) => value };
const NO_SUCH_VALUE = /^22/;

export interface RowAddress {
  readonly schema: string;
  readonly table: string;
  readonly keyColumns: readonly string[];
  /** Null: all. */
  readonly columns: readonly string[] | null;
  /** As in the ledger: the value itself, or a JSON array of texts. */
  readonly key: string;
}

/**
 * For what a look at rows rejects with: a key that is no value of its column's type has no row. Stands around the whole
 * look, because in a transaction nothing more can be asked after such an error.
 * @throws the error itself when it is another
 */
export function asNoRow(error: unknown): { readonly value: null } {
  if (NO_SUCH_VALUE.test(String((error as { code?: unknown } | null)?.code))) return { value: null };
  throw error;
}

/** One row as the document that the stream would make of it; null when there is none. */
export async function readRow(db: ClientBase | Pool, address: RowAddress): Promise<Value | null> {
  const { schema, table, keyColumns, columns } = address;
  const values = keyValues(address);
  if (!values) return null;
  const selected = columns ? columns.map(escapeIdentifier).join(', ') : '*';
  const where = keyColumns.map((column, index) => `${escapeIdentifier(column)} = $${index + 1}`).join(' AND ');
  const from = `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
  return firstDocument(db, { text: `SELECT ${selected} FROM ${from} WHERE ${where} LIMIT 1`, values, nested: [] });
}

/** The document that a joined data set's query makes of one root key; null when there is none. */
export async function readJoined(
  client: ClientBase,
  { query, nested, key }: { query: string; nested: readonly string[]; key: string },
): Promise<Value | null> {
  // As the worker runs it: the query names every schema itself.
  await client.query('SET LOCAL search_path = pg_catalog');
  return firstDocument(client, { text: query, values: [[key]], nested });
}

interface Select {
  readonly text: string;
  readonly values: unknown[];
  readonly nested: readonly string[];
}

async function firstDocument(db: ClientBase | Pool, { text, values, nested }: Select): Promise<Value | null> {
  const result: QueryArrayResult<(string | null)[]> = await (db as Pool).query<(string | null)[]>({
    text,
    values,
    rowMode: 'array',
    types: TEXT_ONLY,
  });
  const row = result.rows[0];
  if (!row) return null;
  const columns = result.fields.map(({ name, dataTypeID }) => ({ name, typeOid: dataTypeID }));
  return JSON.parse(DocumentEncoder.forText(columns, new Set(nested)).encode(row)) as Value;
}

function keyValues({ key, keyColumns }: RowAddress): string[] | null {
  try {
    const values: unknown = decodeKey(key, keyColumns.length);
    const isKey = Array.isArray(values) && values.length === keyColumns.length;
    return isKey && values.every(isText) ? values : null;
  } catch {
    return null; // no JSON, so no key of several columns
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
