import { fromByteString, type ByteString } from '@astro/sync-core';
import { firstLine } from '../copy/copy-bytes.js';
import { copyValues } from '../copy/copy-line.js';
import type { SourceSession } from '../source/source-session.js';
import { boundarySelect, type KeySpan, type ReadTable } from '../source/table-queries.js';

/** @throws when the data set has no such table */
export function tableOf(tables: readonly ReadTable[], tableId: number): ReadTable {
  const table = tables.find(({ id }) => id === tableId);
  if (!table) throw new Error(`table ${tableId} has no rows of its own in this data set`);
  return table;
}

/** The values of a line of COPY text; NULL, which no key has, as an empty text. */
export function lineTexts(line: string): readonly string[] {
  return copyValues(line).map((value) => fromByteString((value ?? '') as ByteString));
}

export interface NextRows {
  readonly table: ReadTable;
  readonly span: KeySpan;
  readonly rows: number;
}

/** The key that ends the next rows; null: there are fewer. */
export async function boundaryKey(
  session: SourceSession,
  { table, span, rows }: NextRows,
): Promise<readonly string[] | null> {
  const line = firstLine((await session.bulk(boundarySelect(table, span, rows))).bytes);
  return line === undefined ? null : lineTexts(line);
}
