import { abortableSleep } from '@astro/runtime';
import type { CopyProgress, Snapshot } from '@astro/sync-core';
import type { RecentXids } from './applied-log.js';

const VISIBILITY_WAIT_MS = 10;
const LONGEST_VISIBILITY_WAIT_MS = 250;

/** Transactions that have been applied, and that a snapshot might not see yet. A `Lane` is one. */
export interface Visible {
  readonly recentXids: RecentXids;
  /** Waiting ends when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export interface VisibleRead {
  /** What is read from; asked for its snapshot alone while a transaction is not visible yet. */
  readonly source: { snapshot(): Promise<Snapshot> };
  readonly signal?: AbortSignal | undefined;
  /** Transactions besides those of the lane. */
  readonly extra?: readonly number[];
}

/**
 * Reads from the source in a snapshot that sees every transaction that has been applied, and those of `extra`: the
 * stream can be ahead of what a query sees (W10). A read that was too early is done again once it can be right.
 */
export async function readVisible<T extends { readonly snapshot: Snapshot }>(
  visible: Visible,
  read: () => Promise<T>,
  { source, signal = visible.signal, extra = [] }: VisibleRead,
): Promise<T> {
  const isVisibleIn = async (look: () => Promise<Snapshot>): Promise<boolean> => {
    const pending = [...visible.recentXids.pending(), ...extra];
    return visible.recentXids.confirm(pending, await look());
  };
  for (;;) {
    signal?.throwIfAborted();
    let result: T | undefined;
    if (await isVisibleIn(async () => (result = await read()).snapshot)) return result as T;
    for (let pauseMs = VISIBILITY_WAIT_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_VISIBILITY_WAIT_MS)) {
      await abortableSleep(pauseMs, signal);
      signal?.throwIfAborted();
      if (await isVisibleIn(() => source.snapshot())) break;
    }
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
