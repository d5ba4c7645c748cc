import { abortableSleep } from '@astro/runtime';
import type { CopyProgress, Snapshot } from '@astro/sync-core';
import type { RecentXids } from './applied-log.js';

const VISIBILITY_WAIT_MS = 10;

/** Transactions that have been applied, and that a snapshot might not see yet. A `Lane` is one. */
export interface Visible {
  readonly recentXids: RecentXids;
}

/**
 * Reads from the source until the snapshot sees every transaction that has been applied, and those of `extra`:
 * the stream can be ahead of what a query sees (W10).
 */
export async function readVisible<T extends { readonly snapshot: Snapshot }>(
  visible: Visible,
  read: () => Promise<T>,
  { signal, extra = [] }: { readonly signal?: AbortSignal; readonly extra?: readonly number[] } = {},
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const pending = [...visible.recentXids.pending(), ...extra];
    const result = await read();
    if (visible.recentXids.confirm(pending, result.snapshot)) return result;
    await abortableSleep(VISIBILITY_WAIT_MS, signal);
  }
}

/** What follows a finished table: the next one, then the sweep, then the end of the copy. */
export function afterTable(copy: CopyProgress, tableCount: number): CopyProgress | null {
  const tableIndex = copy.tableIndex + 1;
  if (tableIndex < tableCount) return { ...copy, tableIndex, afterKey: null };
  return copy.sweep ? { ...copy, tableIndex: 0, afterKey: null, phase: 'sweep' } : endOf(copy);
}

/** The end of a copy: none, unless a run has to be told of it first. */
export function endOf(copy: CopyProgress): CopyProgress | null {
  return copy.task ? { ...copy, phase: 'end' } : null;
}

/** A chunk's keys for people. */
export function keyRange(first: string | undefined, last: string | undefined): string {
  return first === undefined || last === undefined ? '(no rows)' : `${first} … ${last}`;
}
