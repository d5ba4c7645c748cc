import { escapeIdentifier, escapeLiteral } from 'pg';
import type { ColumnRef, TableRef } from '@astro/sync-core';

/** A source table as the copy reads it. */
export interface ReadTable {
  readonly id: number;
  readonly table: TableRef;
  readonly keyColumns: readonly string[];
  /** SQL types of the key columns, for comparisons with texts. */
  readonly keyTypes: readonly string[];
  /** Columns that the data set carries: without one of them no row may be read. */
  readonly carried: readonly string[];
}

/** Columns in attribute order, without generated ones (W17): exactly what the stream carries. */
export type Columns = readonly ColumnRef[];

/** Name and type id of each of the table's {@link Columns}. */
export function columnsSelect({ table }: ReadTable): string {
  return `SELECT a.attname, a.atttypid FROM pg_attribute a
    WHERE a.attrelid = ${escapeLiteral(qualified(table))}::regclass
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`;
}

export interface ChunkRequest {
  readonly columns: Columns;
  /** Null: from the start. */
  readonly afterKey: readonly string[] | null;
  /** The last key that may come; absent or null: to the end. */
  readonly toKey?: readonly string[] | null;
  readonly limit: number;
}

/** A place in key order, and where the rows that may come end. */
export type KeySpan = Pick<ChunkRequest, 'afterKey' | 'toKey'>;

export function qualified(table: TableRef): string {
  return `${escapeIdentifier(table.schema)}.${escapeIdentifier(table.name)}`;
}

function columnList(names: readonly string[]): string {
  return names.map(escapeIdentifier).join(', ');
}

/** The next rows after `afterKey` in key order. */
export function chunkSelect(table: ReadTable, { columns: described, limit, ...span }: ChunkRequest): string {
  const columns = columnList(described.map((column) => column.name));
  return `SELECT ${columns} FROM ${spanSql(table, span)}${orderSql(table)} LIMIT ${limit}`;
}

/** The table with the condition of a span. */
export function spanSql(table: ReadTable, { afterKey, toKey = null }: KeySpan): string {
  const keys = columnList(table.keyColumns);
  const conditions = [
    ...(afterKey === null ? [] : [`(${keys}) > (${keyLiterals(table, afterKey)})`]),
    ...(toKey === null ? [] : [`(${keys}) <= (${keyLiterals(table, toKey)})`]),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `${qualified(table.table)}${where}`;
}

function orderSql(table: ReadTable): string {
  return ` ORDER BY ${columnList(table.keyColumns)}`;
}

/** The rows of these keys; those that do not exist are absent. */
export function keysSelect(table: ReadTable, described: Columns, keys: readonly (readonly string[])[]): string {
  const columns = columnList(described.map((column) => column.name));
  const list = keys.map((key) => `(${keyLiterals(table, key)})`).join(', ');
  return `SELECT ${columns} FROM ${qualified(table.table)} WHERE (${columnList(table.keyColumns)}) IN (${list})`;
}

/** Only the keys of {@link keysSelect}. */
export function existingKeysSelect(table: ReadTable, keys: readonly (readonly string[])[]): string {
  const list = keys.map((key) => `(${keyLiterals(table, key)})`).join(', ');
  const columns = columnList(table.keyColumns);
  return `SELECT ${columns} FROM ${qualified(table.table)} WHERE (${columns}) IN (${list})`;
}

/**
 * The keys of so many rows as the table has them, each after the place of the key that it was asked by, from 1. Takes
 * the texts of all keys, one after the other, as one text array.
 */
export function storedKeysQuery({ table, keyColumns, keyTypes }: ReadTable, count: number): string {
  const columns = keyColumns.map((name) => `t.${escapeIdentifier(name)}`);
  const conditions = columns.map(
    (column, i) => `${column} = ($1::text[])[(k.place - 1) * ${columns.length} + ${i + 1}]::${keyTypes[i] ?? 'text'}`,
  );
  return `SELECT k.place, ${columns.join(', ')} FROM generate_series(1, ${count}) AS k (place)
    JOIN ${qualified(table)} AS t ON ${conditions.join(' AND ')}`;
}

/** Root keys after `afterKey` in key order, for a joined data set. */
export function rootKeysSelect(table: ReadTable, afterKey: readonly string[] | null, limit: number): string {
  return keysInSpanSelect(table, { afterKey }, limit);
}

/** The next keys of a span, in key order. */
export function keysInSpanSelect(table: ReadTable, span: KeySpan, limit: number): string {
  return `SELECT ${columnList(table.keyColumns)} FROM ${spanSql(table, span)}${orderSql(table)} LIMIT ${limit}`;
}

/** The key that ends the next `rows` rows of a span; no row when there are fewer. */
export function boundarySelect(table: ReadTable, span: KeySpan, rows: number): string {
  return `${keysInSpanSelect(table, span, 1)} OFFSET ${rows - 1}`;
}

function keyLiterals(table: ReadTable, key: readonly string[]): string {
  return key.map((value, i) => `${escapeLiteral(value)}::${table.keyTypes[i] ?? 'text'}`).join(', ');
}
