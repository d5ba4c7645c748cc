import { useState } from 'react';
import { Button, Stack } from '@mantine/core';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { DataTable, TableSkeleton } from '@astro/web-ui';
import { listUsersOptions, listUsersQueryKey } from '../../generated/@tanstack/react-query.gen.js';
import { definedOf } from '../../shared/defined.js';
import { chipsOf, withoutFilters } from '../../shared/filters/filter-chips.js';
import { FilterBar } from '../../shared/filters/FilterBar.js';
import { FilterText } from '../../shared/filters/FilterFields.js';
import { pagingOf } from '../../shared/filters/paging.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { type Secret, SecretDialog } from '../../shared/SecretDialog.js';
import { AddPerson } from './AddPerson.js';
import { peopleColumns } from './columns.js';
import { type UserAct } from './user-acts.js';
import { UserActDialog } from './UserActDialog.js';

const route = getRouteApi('/people');
type Search = ReturnType<typeof route.useSearch>;

const FILTER_NAMES = { text: 'Name or e-mail' } as const;
const EMPTY = { title: 'Nobody yet', text: 'People who may sign in appear here.' };

/** Who may sign in, and what each may do. */
export function PeoplePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<Search>): void =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...next }) });
  const query = useUsers(search);
  const acts = useActs();
  const chips = chipsOf<Search>({ search, names: FILTER_NAMES, onChange: change });
  const clear = (): void => change(withoutFilters<Search>(FILTER_NAMES));
  return (
    <Stack>
      <PageHeader title="People" actions={<Button onClick={() => acts.setAdding(true)}>Add a person</Button>}>
        Who may sign in, and what each may do.
      </PageHeader>
      <FilterBar chips={chips} onClear={clear}>
        <FilterText label="Name or e-mail" value={search.text} onChange={(text) => change({ text })} isSearch />
      </FilterBar>
      <QueryView
        query={query}
        loadingLabel="Loading the people"
        skeleton={<TableSkeleton />}
        isEmpty={({ items }) => items.length === 0}
        empty={EMPTY}
        filters={{ labels: chips.map(({ label }) => label), onClear: clear }}
      >
        {({ items, nextCursor }) => (
          <DataTable
            name="People"
            columns={acts.columns}
            rows={items}
            rowId={({ id }) => id}
            paging={pagingOf({ search, nextCursor, onChange: change })}
          />
        )}
      </QueryView>
      {acts.dialogs}
    </Stack>
  );
}

function useUsers(search: Search) {
  return useLiveQuery({ ...listUsersOptions({ query: definedOf(search) }), placeholderData: keepPreviousData });
}

/** The acts of the rows, with their dialogs. */
function useActs() {
  const queryClient = useQueryClient();
  const [act, setAct] = useState<UserAct | null>(null);
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<Secret | null>(null);
  const [columns] = useState(() => peopleColumns(setAct));
  const renew = () => queryClient.invalidateQueries({ queryKey: listUsersQueryKey() });
  const dialogs = (
    <>
      {act && <UserActDialog act={act} onClose={() => setAct(null)} onDone={renew} onSecret={setSecret} />}
      <AddPerson opened={isAdding} onClose={() => setAdding(false)} onDone={renew} onSecret={setSecret} />
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
  return { columns, setAdding, dialogs };
}
