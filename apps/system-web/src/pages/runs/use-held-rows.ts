import { useState } from 'react';

interface HeldRows<Row> {
  readonly shown: readonly Row[];
  /** Rows that came on top since and wait to be shown. */
  readonly newCount: number;
  readonly showAll: () => void;
}

interface Listing {
  /** Another question is another list: all its rows are shown. */
  readonly question: string;
  /** False while the rows are still those of the question before. */
  readonly isSettled: boolean;
}

/**
 * Keeps the row under the pointer in its place: what comes on top of a list waits until the person asks for it; what is
 * shown changes where it stands.
 */
export function useHeldRows<Row extends { readonly id: string }>(
  rows: readonly Row[],
  { question, isSettled }: Listing,
): HeldRows<Row> {
  const [held, setHeld] = useState<{ question: string; ids: ReadonlySet<string> } | null>(null);
  const showAll = (): void => setHeld({ question, ids: new Set(rows.map(({ id }) => id)) });
  const isKnown = held?.question === question;
  if (isSettled && !isKnown) showAll();
  const first = isKnown ? rows.findIndex(({ id }) => held.ids.has(id)) : 0;
  const shown = first > 0 ? rows.slice(first) : rows;
  return { shown, newCount: rows.length - shown.length, showAll };
}
