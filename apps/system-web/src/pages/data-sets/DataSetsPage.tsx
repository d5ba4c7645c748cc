import { useState } from 'react';
import { type DataSet, type DataSetList } from '@astro/contracts';
import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { DataTable, type MissingPart, TableSkeleton, VerbButton } from '@astro/web-ui';
import { listDataSetsOptions } from '../../generated/@tanstack/react-query.gen.js';
import { chipsOf, withoutFilters } from '../../shared/filters/filter-chips.js';
import { dataSetHref, hrefOf } from '../../shared/href.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { fitting, printSort, sorted, sortOf } from './choose.js';
import { DataSetFilters } from './DataSetFilters.js';
import { DATA_SET_COLUMNS } from './columns.js';

const route = getRouteApi('/data-sets');
type Search = ReturnType<typeof route.useSearch>;

const FILTER_NAMES = { text: 'Name or table', status: 'Status', mode: 'Mode' } as const;
const EMPTY = {
  title: 'No data set is declared yet',
  text: 'A data set names the tables that are kept in step, and where they go. Declare one in the configuration of the sync worker; it appears here as soon as the worker has read it.',
};

/** Every data set: how it stands, how far it is behind, and its latest run. */
export function DataSetsPage() {
  const search = route.useSearch();
  const change = useChange();
  const query = useLiveQuery(listDataSetsOptions());
  const chips = chipsOf({ search, names: FILTER_NAMES, onChange: change });
  const clear = (): void => change(withoutFilters<Search>(FILTER_NAMES));
  const view = query.data && fitting(query.data.items, search);
  return (
    <Stack>
      <PageHeader title="Data sets">What is kept in step, how far each is behind, and what happened last.</PageHeader>
      <DataSetFilters search={search} onChange={change} chips={chips} onClear={clear} />
      <QueryView
        query={query}
        loadingLabel="Loading the data sets"
        skeleton={<TableSkeleton />}
        isEmpty={() => view?.length === 0}
        empty={EMPTY}
        filters={{ labels: chips.map(({ label }) => label), onClear: clear }}
        missing={missingOf}
      >
        {() => <DataSetTable dataSets={view ?? []} sort={search.sort} onChange={change} />}
      </QueryView>
    </Stack>
  );
}

function useChange() {
  const navigate = route.useNavigate();
  return (change: Partial<Search>): void => void navigate({ search: (old) => ({ ...old, ...change }) });
}

/** Nothing is claimed of a data set whose worker is away. */
function missingOf({ items }: DataSetList): MissingPart[] {
  return items
    .filter(({ status }) => status === 'unknown')
    .map(({ name, statusReason }) => ({ what: name, why: statusReason }));
}

interface DataSetTableProps {
  readonly dataSets: readonly DataSet[];
  readonly sort: string | undefined;
  readonly onChange: (change: Partial<Search>) => void;
}

function DataSetTable({ dataSets, sort: printed, onChange }: DataSetTableProps) {
  const navigate = route.useNavigate();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const sort = sortOf(printed);
  const names = dataSets.map(({ name }) => name).filter((name) => chosen.has(name));
  const syncChosen = (): void => void navigate({ href: hrefOf('/sync/new', { dataSet: names }) });
  return (
    <DataTable
      name="Data sets"
      columns={DATA_SET_COLUMNS}
      rows={sorted(dataSets, sort)}
      rowId={({ name }) => name}
      rowLabel={({ name }) => name}
      onOpen={({ name }) => void navigate({ href: dataSetHref(name) })}
      sort={sort}
      onSort={(next) => onChange({ sort: printSort(next) })}
      selection={{ ids: chosen, onChange: setChosen }}
      tools={
        <VerbButton allowed={maySyncAll(dataSets, names)} size="xs" onClick={syncChosen}>
          Sync the chosen
        </VerbButton>
      }
    />
  );
}

function maySyncAll(dataSets: readonly DataSet[], names: readonly string[]) {
  const chosen = dataSets.filter(({ name }) => names.includes(name));
  if (chosen.length === 0) return { ok: false, reason: 'Choose data sets in the table first.' };
  return chosen.find(({ allowed }) => !allowed.sync.ok)?.allowed.sync ?? { ok: true };
}
