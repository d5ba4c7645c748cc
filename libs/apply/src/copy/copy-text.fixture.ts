import { DocumentEncoder, encodeKey, type ColumnRef } from '@astro/sync-core';
import type { PackedTable } from './kernel/row-layout.js';
import { SetCommand } from './set-command.js';

/** Values as byte strings. */
export type Row = readonly (string | null)[];

export const TEXT_OID = 25;
const NAMES: Readonly<Record<string, string>> = { '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v' };

/** Rows as PostgreSQL writes them in COPY text. */
export function copyText(rows: readonly Row[]): Buffer {
  return Buffer.from(rows.map((row) => `${row.map(escape).join('\t')}\n`).join(''), 'latin1');
}

function escape(value: string | null): string {
  if (value === null) return '\\N';
  return value.replace(/[\b\f\n\r\t\v\\]/g, (character) => `\\${NAMES[character] ?? '\\'}`);
}

/** What `PackedDocuments` should make of them, by what is slower and simpler. */
export function encoded(rows: readonly Row[], described: readonly ColumnRef[], table: PackedTable): Buffer {
  const { columns, keyColumns, keyPrefix } = table;
  const isChosen = described.map(({ name }) => columns === null || columns.includes(name));
  const encoder = DocumentEncoder.forBytes(described.filter((_column, i) => isChosen[i]));
  const keyIndexes = keyColumns.map((name) => described.findIndex((column) => column.name === name));
  const set = new SetCommand('latin1');
  for (const row of rows) {
    const key = encodeKey(keyIndexes.map((i) => row[i] ?? ''));
    set.add(`${keyPrefix}${key}`, encoder.encode(row.filter((_value, i) => isChosen[i])));
  }
  return set.toBuffer() ?? Buffer.alloc(0);
}
