import { useState } from 'react';
import { type AuditEntry, type AuditFilter, type AuditPage as AuditList } from '@astro/contracts';
import { Button, Stack } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { DataTable, TableSkeleton, useNow } from '@astro/web-ui';
import { listAuditEntriesOptions } from '../../generated/@tanstack/react-query.gen.js';
import { definedOf } from '../../shared/defined.js';
import { chipsOf, withoutFilters } from '../../shared/filters/filter-chips.js';
import { pagingOf } from '../../shared/filters/paging.js';
import { isoOfInstant } from '../../shared/instants.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { AuditFilters } from './AuditFilters.js';
import { auditColumns } from './columns.js';
import { EntryDrawer } from './EntryDrawer.js';
import { ExportButtons } from './ExportButtons.js';
import { AUDIT_FILTER_NAMES, type AuditSearch } from './filter-names.js';

const route = getRouteApi('/audit');
const COLUMNS = auditColumns();
const EMPTY = {
  title: 'No entry yet',
  text: 'Every sign-in, refusal, start, steering and change of settings is written down here, with who did it.',
};

/** Who did what. It is asked for only by a click, because reading it is an entry of its own. */
export function AuditPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<AuditSearch>): void =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...next }) });
  const filter = useAsked(search);
  const query = useEntries(filter, search);
  const chips = chipsOf<AuditSearch>({ search, names: AUDIT_FILTER_NAMES, onChange: change });
  const clear = (): void => change(withoutFilters<AuditSearch>(AUDIT_FILTER_NAMES));
  return (
    <Stack>
      <PageHeader title="Audit trail" actions={<ExportButtons filter={filter} isFiltered={chips.length > 0} />}>
        Who did what, newest first. Reading it is written down too.
      </PageHeader>
      <AuditFilters search={search} onChange={change} chips={chips} onClear={clear} />
      <QueryView
        query={query}
        loadingLabel="Loading the audit trail"
        skeleton={<TableSkeleton />}
        isEmpty={({ items }) => items.length === 0}
        empty={EMPTY}
        filters={{ labels: chips.map(({ label }) => label), onClear: clear }}
      >
        {(list) => <Entries list={list} query={query} search={search} onChange={change} />}
      </QueryView>
    </Stack>
  );
}

interface EntriesProps {
  readonly list: AuditList;
  readonly query: { readonly isFetching: boolean; readonly refetch: () => Promise<unknown> };
  readonly search: AuditSearch;
  readonly onChange: (change: Partial<AuditSearch>) => void;
}

function Entries({ list, query, search, onChange }: EntriesProps) {
  const navigate = route.useNavigate();
  const openEntry = (id: string | undefined): void => void navigate({ search: (old) => ({ ...old, open: id }) });
  return (
    <>
      <DataTable
        name="Audit entries"
        columns={COLUMNS}
        rows={list.items}
        rowId={({ id }) => id}
        onOpen={({ id }) => openEntry(id)}
        isRefreshing={query.isFetching}
        paging={pagingOf({ search, nextCursor: list.nextCursor, onChange })}
        tools={<RefreshButton isBusy={query.isFetching} onClick={() => void query.refetch()} />}
      />
      <EntryDrawer id={search.open} entry={entryOf(list, search.open)} onClose={() => openEntry(undefined)} />
    </>
  );
}

/** The filters as the API takes them. A relative time stays what it was when it was chosen: moving it would be reading. */
function useAsked(search: AuditSearch): AuditFilter {
  const { limit: _limit, cursor: _cursor, open: _open, from, to, ...filter } = search;
  const nowMs = useNow();
  const [range, setRange] = useState({ from, to, nowMs });
  if (range.from !== from || range.to !== to) setRange({ from, to, nowMs });
  const isoOf = (instant: string | undefined) =>
    instant === undefined ? undefined : isoOfInstant(instant, range.nowMs);
  return definedOf({ ...filter, from: isoOf(from), to: isoOf(to) });
}

function useEntries(filter: AuditFilter, { limit, cursor }: AuditSearch) {
  return useQuery({
    ...listAuditEntriesOptions({ query: { ...definedOf(filter), limit, ...definedOf({ cursor }) } }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

const entryOf = ({ items }: AuditList, id: string | undefined): AuditEntry | undefined =>
  items.find((entry) => entry.id === id);

function RefreshButton({ isBusy, onClick }: { readonly isBusy: boolean; readonly onClick: () => void }) {
  return (
    <Button variant="default" size="xs" loading={isBusy} onClick={onClick}>
      Read again
    </Button>
  );
}
