import { useState } from 'react';
import { type Change, type ChangeList } from '@astro/contracts';

interface SteadyInput {
  /** The newest answer. */
  readonly fresh: ChangeList;
  /** Names the question; another question shows its answer at once. */
  readonly question: string;
  /** False while the answer is still that of the question before. */
  readonly isSettled: boolean;
  /** The person points at the list: its rows stay where they are. */
  readonly isHeld: boolean;
}

interface SteadyList {
  /** What is shown, with the place from which it goes on. */
  readonly list: ChangeList;
  /** How many came meanwhile, "3" or "50+"; null for none. */
  readonly newCount: string | null;
  /** Shows them. */
  readonly takeNew: () => void;
}

/** A live list that does not jump under the pointer: what is shown is renewed in its place, and what is new is counted. */
export function useSteadyList({ fresh, question, isSettled, isHeld }: SteadyInput): SteadyList {
  const [shown, setShown] = useState({ question, list: fresh });
  const take = (): void => setShown({ question, list: fresh });
  const isOther = shown.question !== question;
  // Where nothing is shown yet nothing can jump.
  const keeps = isHeld && shown.list.items.length > 0;
  if (isSettled && (isOther || (!keeps && shown.list !== fresh))) take();
  // Until the answer to another question is there, what is held stays, too.
  const list = keeps && !(isOther && isSettled) ? shown.list : fresh;
  return { list: renewed(list, fresh), newCount: newerThan(list.items, fresh.items), takeNew: take };
}

function renewed(shown: ChangeList, fresh: ChangeList): ChangeList {
  if (shown === fresh) return shown;
  const byId = new Map(fresh.items.map((change) => [change.id, change]));
  return { ...shown, items: shown.items.map((change) => byId.get(change.id) ?? change) };
}

/** When none of the shown is among the fresh, at least a whole page is new. */
export function newerThan(shown: readonly Change[], fresh: readonly Change[]): string | null {
  const ids = new Set(shown.map(({ id }) => id));
  const count = fresh.findIndex(({ id }) => ids.has(id));
  if (count === 0 || fresh.length === 0) return null;
  return count === -1 ? `${fresh.length}${shown.length === 0 ? '' : '+'}` : String(count);
}
