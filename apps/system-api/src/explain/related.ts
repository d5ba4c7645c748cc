import { escapeIdentifier, type PoolClient } from 'pg';
import { type RelatedRow } from '@astro/contracts';
import { type ChangesService } from '../changes/changes.service.js';
import { toChange } from '../changes/change-row.js';
import { ledgerFilter } from '../changes/changes.service.js';
import { nameOf, type Subject } from './subject.js';
import { type Value } from './holding.js';

const LISTED_CHANGES = 5;
const SEARCH_BUDGET_MS = 50;
/** Further columns of the root are not followed. */
const MAX_VALUES = 30;
const MAX_VALUE_LENGTH = 200;
/** A value that is no value of the column's type leads nowhere. */
const NO_SUCH_VALUE = /^22/;

type Read = NonNullable<Subject['joined']>['reads'][number];

/** A row of another table that the document is made of; `key` is null when only the way to it is known. */
export interface RelatedKey {
  readonly table: string;
  readonly key: string | null;
  /** Texts of which the row's image holds one, when its key is not known. */
  readonly contains: readonly string[] | null;
}

/**
 * Finds the rows of the read tables that lead to this document, as far as the catalogue's own ways tell: a value of the
 * root row is tried on each table, and counts when the way from there leads back to this key.
 */
export async function relatedKeys(client: PoolClient, subject: Subject, root: Value | null): Promise<RelatedKey[]> {
  const { joined, key } = subject;
  if (!joined || subject.keyColumns.length !== 1) return [];
  const found: RelatedKey[] = [];
  for (const read of joined.reads) {
    const table = nameOf(read.table);
    if ('column' in read.via) found.push({ table, key: null, contains: imagesOf(read.via.column, key) });
    else
      for (const value of await leading(client, read, { key, root })) found.push({ table, key: value, contains: null });
  }
  return found;
}

/** Each related row with its latest changes. */
export async function relatedRows(
  changes: ChangesService,
  { dataSet }: Subject,
  related: readonly RelatedKey[],
): Promise<RelatedRow[]> {
  return Promise.all(
    related.map(async ({ table, key, contains }) => {
      const { rows } = await changes.search({
        filter: (lanes) => {
          const filter = ledgerFilter({ dataSet, table, ...(key !== null && { key }) }, lanes);
          return filter && { ...filter, contains, withTruncates: true };
        },
        limit: LISTED_CHANGES,
        start: null,
        after: null,
        from: null,
        to: null,
        budgetMs: SEARCH_BUDGET_MS,
      });
      return { table, key, changes: rows.slice(0, LISTED_CHANGES).map(toChange) };
    }),
  );
}

/** How a column with this value stands in a row image: as a text, or as a number before the next field or the end. */
function imagesOf(column: string, value: string): string[] {
  const name = JSON.stringify(column);
  const asText = `${name}:${JSON.stringify(value)}`;
  return /^-?\d+$/.test(value) ? [asText, `${name}:${value},`, `${name}:${value}}`] : [asText];
}

async function leading(
  client: PoolClient,
  { table, via }: Read,
  { key, root }: { readonly key: string; readonly root: Value | null },
): Promise<string[]> {
  if (!root || !('query' in via)) return [];
  const exists = `SELECT FROM ${escapeIdentifier(table.schema)}.${escapeIdentifier(table.name)}
    WHERE ${escapeIdentifier(via.of)} = $1 LIMIT 1`;
  const leadsBack = `SELECT FROM (${via.query.replace(/;\s*$/, '')}) AS q (key) WHERE q.key::text = $2 LIMIT 1`;
  const found: string[] = [];
  for (const value of valuesOf(root)) {
    const isThere = await holds(client, exists, [value]);
    if (isThere && (await holds(client, leadsBack, [[value], key]))) found.push(value);
  }
  return found;
}

function valuesOf(root: Value): string[] {
  const texts = Object.values(root).flatMap((value) =>
    typeof value === 'string' || typeof value === 'number' ? [String(value)] : [],
  );
  return [...new Set(texts)].filter((text) => text.length <= MAX_VALUE_LENGTH).slice(0, MAX_VALUES);
}

async function holds(client: PoolClient, text: string, values: unknown[]): Promise<boolean> {
  await client.query('SAVEPOINT try');
  try {
    const { rowCount } = await client.query(text, values);
    return (rowCount ?? 0) > 0;
  } catch (error) {
    if (!NO_SUCH_VALUE.test(String((error as { code?: unknown }).code))) throw error;
    await client.query('ROLLBACK TO SAVEPOINT try');
    return false;
  }
}
