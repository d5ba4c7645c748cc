import { escapeIdentifier } from 'pg';
import type { TableRef } from '@astro/sync-core';

/** The table as SQL, every name quoted. */
export function tableSql(table: TableRef): string {
  return `${escapeIdentifier(table.schema)}.${escapeIdentifier(table.name)}`;
}

/** Columns as SQL, every name quoted. */
export function columnsSql(columns: readonly string[]): string {
  return columns.map((column) => escapeIdentifier(column)).join(', ');
}
