import type { FlatTable } from '@astro/catalogue';
import type { PreflightTable } from './resolve-tables.js';
import type { ColumnInfo } from './source-schema.js';

/** Their values name objects of one database, or read differently under another locale. */
const NOT_PORTABLE = /^(money|reg[a-z]+)(\[\])?$/;

/**
 * The type that a column has in SystemDB: the same for types that every server has, `text` for enums, domains and
 * types of extensions, whose text is kept as it is.
 */
export function targetType(column: ColumnInfo): string {
  if (column.isBuiltIn && !NOT_PORTABLE.test(column.typeName)) return column.typeName;
  return column.isArray ? 'text[]' : 'text';
}

/** The columns that a flat data set carries of a table, in attribute order. */
export function carriedColumns(source: PreflightTable, flat: FlatTable): readonly ColumnInfo[] {
  return source.columnTypes.filter(({ name }) => flat.columns === null || flat.columns.includes(name));
}
