import { joinDocument, jsonString, splitDocument } from '@astro/sync-core';
import { mergeDocuments } from '../../lane/coalesce.js';
import type { KeyState } from '../target.js';

/** The document with only these columns, in its own order. */
export function selectFields(document: string, columns: readonly string[]): string {
  const labels = new Set(columns.map((column) => jsonString(column)));
  return joinDocument(splitDocument(document).filter(([label]) => labels.has(label)));
}

/** The state's document with the columns that it carries from what is stored. */
export function completed(state: KeyState, stored: string): string {
  return mergeDocuments(stored, state.document as string, state.carry?.columns ?? []);
}
