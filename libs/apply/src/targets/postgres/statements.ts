import { escapeIdentifier } from 'pg';
import type { IndexColumn } from './shape-queries.js';
import type { TableShape, TargetColumn } from './table-shape.js';

/**
 * The SQL of a target. Rows come as one array parameter per column and are called `s`, with `s.n` counting them
 * from 1; the target table is called `t`. Everything is qualified: the session's search path is `pg_catalog` only.
 */

/** Before COMMIT, so that what was deferred fails while another way can still be tried. */
export const CHECK_CONSTRAINTS = 'SET CONSTRAINTS ALL IMMEDIATE';
export const DEFER_CONSTRAINTS = 'SET CONSTRAINTS ALL DEFERRED';

const names = (columns: readonly string[]): string => columns.map(escapeIdentifier).join(', ');

function columnOf(shape: TableShape, name: string): TargetColumn {
  return shape.columnsByName.get(name) as TargetColumn;
}

/** The parameters as a table, and each of its values with the column's type. */
function rowsOf(shape: TableShape, columns: readonly string[]): { from: string; values: readonly string[] } {
  const types = columns.map((name) => columnOf(shape, name));
  const arrays = types.map(({ type, inArrays }, i) => `$${i + 1}::${inArrays ? type : 'text'}[]`);
  const aliases = [...types.map((_type, i) => `c${i}`), 'n'];
  return {
    from: `unnest(${arrays.join(', ')}) WITH ORDINALITY AS s (${aliases.join(', ')})`,
    values: types.map(({ type, inArrays }, i) => (inArrays ? `s.c${i}` : `s.c${i}::${type}`)),
  };
}

function matches(shape: TableShape, keyValues: readonly string[]): string {
  return shape.key.map(({ name, equals }, i) => `t.${escapeIdentifier(name)} ${equals} ${keyValues[i]}`).join(' AND ');
}

function onConflict(shape: TableShape, columns: readonly string[]): string {
  const settable = settableOf(shape, columns);
  const set = settable.map((name) => `${escapeIdentifier(name)} = EXCLUDED.${escapeIdentifier(name)}`).join(', ');
  return `ON CONFLICT (${names(shape.keyColumns)}) DO ${set === '' ? 'NOTHING' : `UPDATE SET ${set}`}`;
}

/** PostgreSQL lets nobody update a column that is GENERATED ALWAYS AS IDENTITY. */
function settableOf(shape: TableShape, columns: readonly string[]): readonly string[] {
  return columns.filter((name) => !shape.keyColumns.includes(name) && !columnOf(shape, name).alwaysIdentity);
}

/** Parameters: `columns`, of which the key columns are the first. */
export function upsertSql(shape: TableShape, columns: readonly string[]): string {
  const { from, values } = rowsOf(shape, columns);
  return (
    `INSERT INTO ${shape.sql} (${names(columns)}) OVERRIDING SYSTEM VALUE ` +
    `SELECT ${values.join(', ')} FROM ${from} ${onConflict(shape, columns)}`
  );
}

/** Sets the other `columns` of rows that exist. Parameters: as for {@link upsertSql}. Returns `n` of those that do. */
export function updateSql(shape: TableShape, columns: readonly string[]): string {
  const { from, values } = rowsOf(shape, columns);
  const where = matches(shape, values);
  const settable = settableOf(shape, columns);
  if (settable.length === 0) return `SELECT s.n::integer FROM ${from} JOIN ${shape.sql} AS t ON ${where}`;
  const set = settable.map((name) => `${escapeIdentifier(name)} = ${values[columns.indexOf(name)]}`).join(', ');
  return `UPDATE ${shape.sql} AS t SET ${set} FROM ${from} WHERE ${where} RETURNING s.n::integer`;
}

/**
 * How many rows there are not, and how many are there with other values; as text, so that every type compares.
 * Parameters: as for {@link upsertSql}.
 */
export function compareSql(shape: TableShape, columns: readonly string[]): string {
  const { from, values } = rowsOf(shape, columns);
  const others = columns.flatMap((name, i) =>
    shape.keyColumns.includes(name) ? [] : [`(${values[i]})::text IS DISTINCT FROM t.${escapeIdentifier(name)}::text`],
  );
  const isThere = `t.${escapeIdentifier(shape.keyColumns[0] as string)} IS NOT NULL`;
  const differs = others.length === 0 ? 'false' : others.join(' OR ');
  return (
    `SELECT count(*) FILTER (WHERE NOT (${isThere})), count(*) FILTER (WHERE ${isThere} AND (${differs})) ` +
    `FROM ${from} LEFT JOIN ${shape.sql} AS t ON ${matches(shape, values)}`
  );
}

/** How many of the rows there are. Parameters: the key columns. */
export function countSql(shape: TableShape): string {
  const { from, values } = rowsOf(shape, shape.keyColumns);
  return `SELECT count(*) FROM ${shape.sql} AS t JOIN ${from} ON ${matches(shape, values)}`;
}

/** `n` and the `columns` of the rows that there are. Parameters: the key columns. */
export function selectByKeySql(shape: TableShape, columns: readonly string[]): string {
  const { from, values } = rowsOf(shape, shape.keyColumns);
  const wanted = ['s.n', ...columns.map((name) => `t.${escapeIdentifier(name)}`)];
  return `SELECT ${wanted.join(', ')} FROM ${shape.sql} AS t JOIN ${from} ON ${matches(shape, values)}`;
}

/** `n` and the values of the parameters, `columns`, as the table's types write them. */
export function castSql(shape: TableShape, columns: readonly string[]): string {
  const { from, values } = rowsOf(shape, columns);
  return `SELECT ${['s.n', ...values].join(', ')} FROM ${from}`;
}

/** Parameters: the key columns. */
export function deleteSql(shape: TableShape): string {
  const { from, values } = rowsOf(shape, shape.keyColumns);
  return `DELETE FROM ${shape.sql} AS t USING ${from} WHERE ${matches(shape, values)}`;
}

/** A table for values that leave their row before they are needed again. */
export function createStashSql(shape: TableShape, stash: string, carried: readonly string[]): string {
  const columns = carried.map((name, i) => `${escapeIdentifier(name)} AS v${i}`);
  return (
    `CREATE TEMP TABLE pg_temp.${stash} ON COMMIT DROP AS ` +
    `SELECT 0 AS n, ${columns.join(', ')} FROM ${shape.sql} WITH NO DATA`
  );
}

/** Parameters: the key columns of the rows that hold the values. Returns `n` of those that exist. */
export function fillStashSql(shape: TableShape, stash: string, carried: readonly string[]): string {
  const { from, values } = rowsOf(shape, shape.keyColumns);
  const columns = carried.map((name) => `t.${escapeIdentifier(name)}`).join(', ');
  return (
    `INSERT INTO pg_temp.${stash} SELECT s.n::integer, ${columns} ` +
    `FROM ${from} JOIN ${shape.sql} AS t ON ${matches(shape, values)} RETURNING n`
  );
}

/** Like {@link upsertSql}, with the values of `carried` from the stash. */
export function upsertWithStashSql(
  shape: TableShape,
  columns: readonly string[],
  { stash, carried }: { readonly stash: string; readonly carried: readonly string[] },
): string {
  const { from, values } = rowsOf(shape, columns);
  const all = [...columns, ...carried];
  const stashed = carried.map((_name, i) => `h.v${i}`);
  return (
    `INSERT INTO ${shape.sql} (${names(all)}) OVERRIDING SYSTEM VALUE SELECT ${[...values, ...stashed].join(', ')} ` +
    `FROM ${from} JOIN pg_temp.${stash} AS h ON h.n = s.n ${onConflict(shape, all)}`
  );
}

/** Gives unique columns of rows that the same transaction writes again, or deletes, values that are in nobody's way. */
export function parkSql(shape: TableShape, parked: ReadonlyMap<string, string>): string {
  const { from, values } = rowsOf(shape, shape.keyColumns);
  return `UPDATE ${shape.sql} AS t SET ${assignments(parked)} FROM ${from} WHERE ${matches(shape, values)}`;
}

function assignments(parked: ReadonlyMap<string, string>): string {
  return [...parked].map(([name, expression]) => `${escapeIdentifier(name)} = ${expression}`).join(', ');
}

/** The table that rows of a copy go through when they cannot go straight to their table. */
export function createStageSql(shape: TableShape, stage: string, columns: readonly string[]): string {
  return (
    `CREATE TEMP TABLE IF NOT EXISTS pg_temp.${stage} ON COMMIT DELETE ROWS AS ` +
    `SELECT ${names(columns)} FROM ${shape.sql} WITH NO DATA`
  );
}

export function upsertFromStageSql(shape: TableShape, stage: string, columns: readonly string[]): string {
  return (
    `INSERT INTO ${shape.sql} (${names(columns)}) OVERRIDING SYSTEM VALUE ` +
    `SELECT ${names(columns)} FROM pg_temp.${stage} ${onConflict(shape, columns)}`
  );
}

/** Parks, or removes when nothing is `parked`, rows that hold a unique value of a staged row. */
export function clearForStageSql(
  shape: TableShape,
  stage: string,
  { unique, parked }: { readonly unique: readonly IndexColumn[]; readonly parked: ReadonlyMap<string, string> },
): string {
  const where = unique
    .map(({ name, equals }) => `t.${escapeIdentifier(name)} ${equals} s.${escapeIdentifier(name)}`)
    .join(' AND ');
  if (parked.size === 0) return `DELETE FROM ${shape.sql} AS t USING pg_temp.${stage} AS s WHERE ${where}`;
  return `UPDATE ${shape.sql} AS t SET ${assignments(parked)} FROM pg_temp.${stage} AS s WHERE ${where}`;
}

export function copySql(target: string, columns: readonly string[]): string {
  return `COPY ${target} (${names(columns)}) FROM STDIN`;
}

/** The next keys, in key order. Parameters: the key after which to begin, unless it is the first page. */
export function keysSql(shape: TableShape, pageSize: number, isFirst: boolean): string {
  const keys = names(shape.keyColumns);
  const where = isFirst ? '' : `WHERE ${isAfter(shape, 0)} `;
  return `SELECT ${keys} FROM ${shape.sql} AS t ${where}ORDER BY ${keys} LIMIT ${pageSize}`;
}

/** `(a, b) > ($1, $2)`; operators that are not PostgreSQL's own make it longer, and slower. */
function isAfter(shape: TableShape, i: number): string {
  const columns = shape.key.map(({ name }) => `t.${escapeIdentifier(name)}`);
  const values = shape.keyColumns.map((name, k) => `$${k + 1}::${columnOf(shape, name).type}`);
  if (shape.key.every(({ greater }) => greater === 'OPERATOR(pg_catalog.>)')) {
    return `(${columns.join(', ')}) > (${values.join(', ')})`;
  }
  const { equals, greater } = shape.key[i] as IndexColumn;
  const later = `${columns[i]} ${greater} ${values[i]}`;
  if (i === shape.key.length - 1) return later;
  return `(${later} OR (${columns[i]} ${equals} ${values[i]} AND ${isAfter(shape, i + 1)}))`;
}
