import { escapeIdentifier, escapeLiteral } from 'pg';
import { spanSql, type KeySpan, type ReadTable } from '../../source/table-queries.js';
import type { TableShape } from '../../targets/postgres/table-shape.js';

/**
 * SQL that two servers answer alike when they hold the same rows, whatever their versions: rows become text by the
 * types' own output, with the settings that every connection pins, and the text is hashed by a standard function.
 */

const DEFAULT_GREATER = 'OPERATOR(pg_catalog.>)';

function rowHash(columns: readonly string[]): string {
  const row = columns.map(escapeIdentifier).join(', ');
  return `encode(sha256(convert_to(ROW(${row})::text, 'UTF8')), 'hex')`;
}

/** Count and sums of hashes: three numbers. The order of rows does not matter, so collations need not agree. */
function digestOf(from: string, columns: readonly string[]): string {
  const sum = (start: number): string => `coalesce(sum(('x' || substr(h, ${start}, 16))::bit(64)::bigint), 0)`;
  return `SELECT count(*), ${sum(1)}, ${sum(17)} FROM (SELECT ${rowHash(columns)} AS h FROM ${from}) AS hashed`;
}

export function sourceDigestSql(table: ReadTable, columns: readonly string[], span: KeySpan): string {
  return digestOf(spanSql(table, span), columns);
}

/** The key columns and the hash of each row, in key order. */
export function sourceHashesSql(table: ReadTable, columns: readonly string[], span: KeySpan): string {
  const keys = table.keyColumns.map(escapeIdentifier).join(', ');
  return `SELECT ${keys}, ${rowHash(columns)} FROM ${spanSql(table, span)} ORDER BY ${keys}`;
}

export function targetDigestSql(shape: TableShape, columns: readonly string[], span: KeySpan): string {
  return digestOf(targetSpan(shape, span), columns);
}

export function targetHashesSql(
  shape: TableShape,
  columns: readonly string[],
  { limit, ...span }: KeySpan & { readonly limit: number },
): string {
  const keys = shape.keyColumns.map(escapeIdentifier).join(', ');
  return `SELECT ${keys}, ${rowHash(columns)} FROM ${targetSpan(shape, span)} ORDER BY ${keys} LIMIT ${limit}`;
}

function targetSpan(shape: TableShape, { afterKey, toKey = null }: KeySpan): string {
  const conditions = [
    ...(afterKey === null ? [] : [isAfter(shape, afterKey)]),
    ...(toKey === null ? [] : [isUpTo(shape, toKey)]),
  ];
  return conditions.length === 0 ? shape.sql : `${shape.sql} WHERE ${conditions.join(' AND ')}`;
}

function isUpTo(shape: TableShape, key: readonly string[]): string {
  if (!hasDefaultOrder(shape)) return `NOT ${isAfter(shape, key)}`;
  return `(${columnsOf(shape).join(', ')}) <= (${literals(shape, key).join(', ')})`;
}

/** `(a, b) > (x, y)`; operators that are not PostgreSQL's own make it longer, and slower. */
function isAfter(shape: TableShape, key: readonly string[]): string {
  const [columns, values] = [columnsOf(shape), literals(shape, key)];
  if (hasDefaultOrder(shape)) return `(${columns.join(', ')}) > (${values.join(', ')})`;
  return shape.key.reduceRight((rest, { equals, greater }, i) => {
    const later = `${columns[i]} ${greater} ${values[i]}`;
    return rest === '' ? later : `(${later} OR (${columns[i]} ${equals} ${values[i]} AND ${rest}))`;
  }, '');
}

function hasDefaultOrder(shape: TableShape): boolean {
  return shape.key.every(({ greater }) => greater === DEFAULT_GREATER);
}

function columnsOf(shape: TableShape): string[] {
  return shape.key.map(({ name }) => escapeIdentifier(name));
}

function literals(shape: TableShape, key: readonly string[]): string[] {
  return shape.key.map(({ name }, i) => {
    const type = shape.columnsByName.get(name)?.type ?? 'text';
    return `${escapeLiteral(key[i] ?? '')}::${type}`;
  });
}
