import { escapeIdentifier } from 'pg';
import { SyncError, tableName, type RowCondition, type RowValue } from '@astro/sync-core';
import { qualified, type ReadTable } from './table-queries.js';

/** The filter of a run does not fit its table. */
export class RowFilterError extends SyncError {
  readonly code = 'SYNC_ROW_FILTER';
  readonly retryable = false;
}

/** Names and SQL types of a table's columns, as the source has them. */
export type ColumnTypes = ReadonlyMap<string, string>;

/** SQL with one text-array parameter, as `SourceSession.rows` takes it. */
export interface RowQuery {
  readonly query: string;
  readonly values: readonly string[];
}

export interface MatchRequest {
  readonly table: ReadTable;
  readonly types: ColumnTypes;
  readonly conditions: readonly RowCondition[];
}

const COMPARISONS = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

/** The keys of the next rows that match, in key order. Columns are looked up and quoted, values are parameters (E11). */
export function matchingKeysQuery(
  { table, types, conditions }: MatchRequest,
  { afterKey, limit }: { readonly afterKey: readonly string[] | null; readonly limit: number },
): RowQuery {
  const values = new Values();
  const where = conditions.map((condition) => conditionSql(condition, { table, types, values }));
  const keys = table.keyColumns.map(escapeIdentifier).join(', ');
  if (afterKey) {
    const after = afterKey.map((value, i) => values.add(value, table.keyTypes[i] ?? 'text'));
    where.push(`(${keys}) > (${after.join(', ')})`);
  }
  const query = `SELECT ${keys} FROM ${qualified(table.table)} WHERE ${all(where)} ORDER BY ${keys} LIMIT ${limit}`;
  return { query, values: values.list };
}

/** How many rows match. */
export function matchCountQuery({ table, types, conditions }: MatchRequest): RowQuery {
  const values = new Values();
  const where = conditions.map((condition) => conditionSql(condition, { table, types, values }));
  return { query: `SELECT count(*) FROM ${qualified(table.table)} WHERE ${all(where)}`, values: values.list };
}

function all(conditions: readonly string[]): string {
  return ['$1::text[] IS NOT NULL', ...conditions].join(' AND ');
}

class Values {
  readonly list: string[] = [];

  add(value: RowValue, type: string): string {
    this.list.push(String(value));
    return `($1::text[])[${this.list.length}]::${type}`;
  }
}

interface ConditionContext {
  readonly table: ReadTable;
  readonly types: ColumnTypes;
  readonly values: Values;
}

function conditionSql({ column, operator, value }: RowCondition, { table, types, values }: ConditionContext): string {
  const type = types.get(column);
  if (type === undefined) {
    const known = [...types.keys()].join(', ');
    throw new RowFilterError(`${tableName(table.table)} has no column "${column}"; it has ${known}.`);
  }
  const name = escapeIdentifier(column);
  if (operator === 'is_null') return `${name} IS NULL`;
  if (operator === 'is_not_null') return `${name} IS NOT NULL`;
  const given = value === undefined ? [] : Array.isArray(value) ? (value as readonly RowValue[]) : [value as RowValue];
  if (operator === 'in') {
    if (given.length === 0) throw new RowFilterError(`The condition on "${column}" needs a list of values.`);
    return `${name} IN (${given.map((one) => values.add(one, type)).join(', ')})`;
  }
  if (given.length !== 1) throw new RowFilterError(`The condition on "${column}" needs exactly one value.`);
  return `${name} ${COMPARISONS[operator]} ${values.add(given[0] as RowValue, type)}`;
}
