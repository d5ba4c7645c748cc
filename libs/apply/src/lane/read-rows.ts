import { LSN_ZERO, fromByteString, type ColumnRef, type Lsn } from '@astro/sync-core';
import { filterLines, firstLine, type CopyBytes } from '../copy/copy-bytes.js';
import type { CopyLineDecoder } from '../copy/copy-line.js';
import type { SnapshotCopy } from '../source/source-session.js';
import type { ReadTable } from '../source/table-queries.js';
import { keyTexts } from './key-batches.js';

/** What is left without the keys that changed; `all`: nothing is. */
export function withoutKeys<T>(
  items: readonly T[],
  keys: ReadonlySet<string> | 'all',
  keyOf: (item: T) => string,
): readonly T[] {
  if (keys === 'all') return [];
  return keys.size === 0 ? items : items.filter((item) => !keys.has(keyOf(item)));
}

/** A list of keys itself. */
export const same = (key: string): string => key;

/** The keys that rows can have, as texts of their columns. */
export function possibleKeys(table: ReadTable, keys: readonly string[]): readonly (readonly string[])[] {
  return keys.flatMap((key) => {
    const texts = keyTexts(key, table.keyColumns.length);
    return texts ? [texts] : [];
  });
}

/** The last one; the stream that is past it is past all. */
export function watermarkOf(reads: readonly SnapshotCopy[]): Lsn {
  return reads.reduce<Lsn>((last, { watermark }) => (watermark > last ? watermark : last), LSN_ZERO);
}

/** Rows of a COPY without those of the keys that changed. */
export function withoutRows(bytes: CopyBytes, keys: ReadonlySet<string> | 'all', decoder: CopyLineDecoder): CopyBytes {
  if (keys === 'all') return Buffer.alloc(0);
  return keys.size === 0 ? bytes : filterLines(bytes, (line) => !keys.has(fromByteString(decoder.key(line))));
}

/** Of the first row; undefined when there is none. */
export function firstKey(decoder: CopyLineDecoder, bytes: CopyBytes): string | undefined {
  const line = firstLine(bytes);
  return line === undefined ? undefined : fromByteString(decoder.key(line));
}

/** The key alone, for readings that only ask what exists. */
export function keyColumnsOf(table: ReadTable): ColumnRef[] {
  return table.keyColumns.map((name) => ({ name, typeOid: 0 }));
}
