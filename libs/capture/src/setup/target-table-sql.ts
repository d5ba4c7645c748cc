import type { FlatTable } from '@astro/catalogue';
import type { TableRef } from '@astro/sync-core';
import type { PreflightTable } from '../preflight/resolve-tables.js';
import { columnsSql, tableSql } from '../preflight/sql-names.js';
import { carriedColumns, targetType } from '../preflight/target-columns.js';

/**
 * SQL that makes the table of SystemDB a data set is written to. It has the key as primary key and no other
 * constraint: what the source accepted must never be refused here.
 */
export function targetTableSql(source: PreflightTable, flat: FlatTable & { readonly target: TableRef }): string {
  const columns = carriedColumns(source, flat).map((column) => `${columnsSql([column.name])} ${targetType(column)}`);
  const lines = [...columns, `PRIMARY KEY (${columnsSql(source.keyColumns)})`];
  return `CREATE TABLE ${tableSql(flat.target)} (\n  ${lines.join(',\n  ')}\n)`;
}
