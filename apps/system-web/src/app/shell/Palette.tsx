import { useState } from 'react';
import { Spotlight } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { listDataSetsOptions } from '../../generated/@tanstack/react-query.gen.js';
import { useMe } from '../../features/session/session-context.js';
import { paletteActions } from './palette-actions.js';

const NAMES_FRESH_MS = 60_000;

/**
 * In the turn that opened the palette, so that what is typed right after its keys is text already: the focus trap takes
 * a timer, which comes after keys that wait. As a microtask, because where the focus was is noted first, to go back to.
 */
function focusAtOnce(search: HTMLInputElement | null): void {
  queueMicrotask(() => search?.focus());
}

/** Search and commands: Ctrl K, or ⌘ K. */
export function Palette() {
  const router = useRouter();
  const { role } = useMe();
  const [query, setQuery] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  const { data } = useQuery({ ...listDataSetsOptions(), staleTime: NAMES_FRESH_MS, enabled: isOpen });
  const dataSets = data?.items.map(({ name }) => name) ?? [];
  const actions = paletteActions({ query, role, dataSets }).map(({ href, ...action }) => ({
    ...action,
    onClick: () => router.history.push(href),
  }));
  return (
    <Spotlight
      actions={actions}
      query={query}
      onQueryChange={setQuery}
      onSpotlightOpen={() => setIsOpen(true)}
      onSpotlightClose={() => setIsOpen(false)}
      filter={(_query, all) => all}
      shortcut="mod + K"
      nothingFound="Nothing matches"
      highlightQuery
      attributes={{ content: { 'aria-label': 'Search and commands' } }}
      scrollable
      maxHeight={420}
      // Who uses no mouse and no arrow keys can still reach and scroll the list.
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      transitionProps={{ duration: 0 }} // there at once, for those who type on
      searchProps={{
        ref: focusAtOnce,
        placeholder: 'Page, data set, run id, correlation id',
        'aria-label': 'Search and commands',
      }}
    />
  );
}
