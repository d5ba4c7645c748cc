import { useCallback } from 'react';
import { type Change, type ChangeList } from '@astro/contracts';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { CopyButton, TableSkeleton, TimeText } from '@astro/web-ui';
import { chipsOf, withoutFilters } from '../../shared/filters/filter-chips.js';
import { pagingOf } from '../../shared/filters/paging.js';
import { hrefOf } from '../../shared/href.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { ChangeDrawer } from './ChangeDrawer.js';
import { ChangeFilters } from './ChangeFilters.js';
import { CHANGE_FILTER_NAMES, type ChangeSearch } from './filter-names.js';
import { LiveChanges } from './LiveChanges.js';
import { useChanges } from './use-changes.js';

const route = getRouteApi('/changes');

const EMPTY = {
  title: 'No change yet',
  text: 'Every change of the source databases appears here a moment after it is committed, with who made it.',
};

/** Who changed what: the ledger, searched and live. */
export function ChangesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<ChangeSearch>): void =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...next }) });
  const { open, ...asked } = search;
  const query = useChanges(asked);
  const chips = chipsOf<ChangeSearch>({ search, names: CHANGE_FILTER_NAMES, onChange: change });
  const clear = (): void => change(withoutFilters<ChangeSearch>(CHANGE_FILTER_NAMES));
  return (
    <Stack>
      <PageHeader title="Changes" actions={<CopyButton value={window.location.href} what="link" />}>
        Who changed what, newest first.
      </PageHeader>
      <ChangeFilters search={search} onChange={change} chips={chips} onClear={clear} />
      <QueryView
        query={query}
        loadingLabel="Loading the changes"
        skeleton={<TableSkeleton />}
        isEmpty={({ items, nextCursor }) => items.length === 0 && nextCursor === null}
        empty={EMPTY}
        filters={{ labels: chips.map(({ label }) => label), onClear: clear }}
      >
        {(list) => <Found list={list} isSettled={!query.isPlaceholderData} search={search} onChange={change} />}
      </QueryView>
      <ChangeDrawer id={open} onClose={() => void navigate({ search: (old) => ({ ...old, open: undefined }) })} />
    </Stack>
  );
}

interface FoundProps {
  readonly list: ChangeList;
  readonly isSettled: boolean;
  readonly search: ChangeSearch;
  readonly onChange: (change: Partial<ChangeSearch>) => void;
}

function Found({ list, isSettled, search, onChange }: FoundProps) {
  const navigate = route.useNavigate();
  const openHref = useCallback(({ id }: Change) => hrefOf('/changes', hrefParams(search, id)), [search]);
  const { open: _open, ...question } = search;
  return (
    <LiveChanges
      list={list}
      question={JSON.stringify(question)}
      isSettled={isSettled}
      openHref={openHref}
      onOpen={({ id }) => void navigate({ search: (old) => ({ ...old, open: id }) })}
      pagingOf={({ nextCursor }) => pagingOf({ search, nextCursor, onChange })}
      below={(shown) => <SearchedUntil list={shown} onFurther={(cursor) => onChange({ cursor })} />}
    />
  );
}

/** Defaults are not printed, as the router does it. */
function hrefParams({ unattributed, withoutUser, limit, ...search }: ChangeSearch, open: string) {
  return {
    ...search,
    ...(unattributed && { unattributed }),
    ...(withoutUser && { withoutUser }),
    ...(limit !== 50 && { limit }),
    open,
  };
}

interface SearchedUntilProps {
  readonly list: ChangeList;
  readonly onFurther: (cursor: string) => void;
}

/** A search through many changes ends early and says how far it has looked. */
function SearchedUntil({ list: { searchedUntil, nextCursor }, onFurther }: SearchedUntilProps) {
  if (searchedUntil === null || nextCursor === null) return null;
  return (
    <Alert color="blue" variant="light" role="status" mt="sm">
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          Searched back to <TimeText at={searchedUntil} absolute />; there may be more before that.
        </Text>
        <Button variant="default" size="xs" onClick={() => onFurther(nextCursor)}>
          Search further back
        </Button>
      </Group>
    </Alert>
  );
}
