import { type DataSetDetail } from '@astro/contracts';
import { Stack, Tabs, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Bars, Duration, StatusBadge, VerbButton } from '@astro/web-ui';
import { getDataSetOptions } from '../../generated/@tanstack/react-query.gen.js';
import { definedOf } from '../../shared/defined.js';
import { RangeSelect } from '../../shared/filters/FilterFields.js';
import { hrefOf } from '../../shared/href.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { useInstant } from '../../shared/use-instant.js';
import { DataSetChanges } from './DataSetChanges.js';
import { DataSetCharts } from './DataSetCharts.js';
import { DataSetRuns } from './DataSetRuns.js';
import { DataSetSettings } from './DataSetSettings.js';
import { HopPicture } from './HopPicture.js';
import { ResyncNotice } from './ResyncNotice.js';
import { DATA_SET_TABS } from './search.js';
import { SetAsideBlock } from './SetAsideBlock.js';
import { lagWords } from './words.js';

const route = getRouteApi('/data-sets/$name');
type Tab = (typeof DATA_SET_TABS)[number];

/** Everything about one data set. */
export function DataSetPage() {
  const { name } = route.useParams();
  const query = useDataSet(name);
  return (
    <Stack key={name}>
      <PageHeader title={name} tabTitle={`${name} · ${query.data?.status.replace('_', ' ') ?? 'data set'}`} />
      <QueryView query={query} loadingLabel={`Loading ${name}`} skeleton={<Bars count={4} height={96} />}>
        {(dataSet) => <DataSetView dataSet={dataSet} />}
      </QueryView>
    </Stack>
  );
}

function useDataSet(name: string) {
  const { from, to } = route.useSearch();
  const query = definedOf({ from: useInstant(from), to: useInstant(to) });
  return useLiveQuery(
    {
      ...getDataSetOptions({ path: { name }, query }),
      // Another range keeps what is shown until it is there; another data set does not.
      placeholderData: (old) => (old?.name === name ? old : undefined),
    },
    ({ copying }) => copying,
  );
}

function DataSetView({ dataSet }: { readonly dataSet: DataSetDetail }) {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const open = (value: string | null): void => {
    const next = DATA_SET_TABS.find((known) => known === value);
    if (next) void navigate({ search: (old) => ({ ...old, tab: next }) });
  };
  return (
    <>
      <StatusLine dataSet={dataSet} />
      <Verbs dataSet={dataSet} />
      <ResyncNotice dataSet={dataSet} />
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List aria-label={`Parts of ${dataSet.name}`} mb="md">
          {DATA_SET_TABS.map((value) => (
            <Tabs.Tab key={value} value={value}>
              {TAB_NAMES[value]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <OverviewTab dataSet={dataSet} />
        </Tabs.Panel>
        <Tabs.Panel value="runs">
          <DataSetRuns dataSet={dataSet} />
        </Tabs.Panel>
        <Tabs.Panel value="changes">
          <DataSetChanges name={dataSet.name} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <DataSetSettings dataSet={dataSet} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

const TAB_NAMES: Readonly<Record<Tab, string>> = {
  overview: 'Overview',
  runs: 'Runs',
  changes: 'Changes',
  settings: 'Settings',
};

/** How it stands, why, since when, and how far behind. */
function StatusLine({ dataSet }: { readonly dataSet: DataSetDetail }) {
  const { status, statusReason, statusSince, asOf } = dataSet;
  return (
    <div>
      <StatusBadge kind="data_set" status={status} />
      <Text component="p" my={4}>
        {statusReason}
      </Text>
      <Text size="sm" c="dimmed">
        Lag: {lagWords(dataSet)}.{' '}
        {statusSince !== null && (
          <>
            Like this for <Duration ms={Date.parse(asOf) - Date.parse(statusSince)} />.
          </>
        )}
      </Text>
    </div>
  );
}

const VERBS = [
  ['sync', undefined, 'Sync this'],
  ['verify', 'verify', 'Verify'],
  ['repair', 'repair', 'Repair'],
] as const;

/** Each leads to the plan; nothing is started blind. */
function Verbs({ dataSet: { name, allowed } }: { readonly dataSet: DataSetDetail }) {
  const navigate = route.useNavigate();
  return (
    <div className="table-tools">
      {VERBS.map(([verb, mode, label]) => (
        <VerbButton
          key={verb}
          allowed={allowed[verb]}
          onClick={() => void navigate({ href: hrefOf('/sync/new', { dataSet: name, mode }) })}
          {...(verb === 'sync' && allowed.sync.ok && { variant: 'filled' })}
        >
          {label}
        </VerbButton>
      ))}
    </div>
  );
}

function OverviewTab({ dataSet }: { readonly dataSet: DataSetDetail }) {
  const { from } = route.useSearch();
  const navigate = route.useNavigate();
  const setFrom = (next: string | undefined): void =>
    void navigate({ search: (old) => ({ ...old, from: next, to: undefined }) });
  return (
    <Stack>
      <HopPicture dataSet={dataSet} />
      <div className="table-tools">
        <RangeSelect label="Range of the charts" from={from} none="last 6 h (usual)" onChange={setFrom} />
      </div>
      <DataSetCharts dataSet={dataSet} />
      <SetAsideBlock dataSet={dataSet} />
    </Stack>
  );
}
