import { type ChangeQuery } from '@astro/contracts';
import { keepPreviousData } from '@tanstack/react-query';
import { listChangesOptions } from '../../generated/@tanstack/react-query.gen.js';
import { definedOf } from '../../shared/defined.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { useInstant } from '../../shared/use-instant.js';

type Flag = 'unattributed' | 'withoutUser';
type Search = Omit<ChangeQuery, Flag | 'after'> & Readonly<Record<Flag, boolean>>;

/** The changes that fit. The first page is asked for every second, because it is where new ones appear. */
export function useChanges({ unattributed, withoutUser, ...search }: Search) {
  const from = useInstant(search.from);
  const to = useInstant(search.to);
  const asked = definedOf({
    ...search,
    from,
    to,
    unattributed: flag(unattributed),
    withoutUser: flag(withoutUser),
  });
  const isTail = search.cursor === undefined && search.to === undefined;
  return useLiveQuery({ ...listChangesOptions({ query: asked }), placeholderData: keepPreviousData }, () => isTail);
}

const flag = (isOn: boolean) => (isOn ? ('true' as const) : undefined);
