import { type Freshness, type Overview } from '@astro/contracts';
import { Title } from '@mantine/core';
import { type DataColumn, DataTable, StatusBadge, TextLink } from '@astro/web-ui';
import { dataSetHref } from '../../shared/href.js';
import { secondsWords } from '../data-sets/words.js';

const COLUMNS: readonly DataColumn<Freshness>[] = [
  {
    id: 'dataSet',
    header: 'Data set',
    cell: ({ dataSet }) => <TextLink href={dataSetHref(dataSet)}>{dataSet}</TextLink>,
  },
  {
    id: 'status',
    header: 'Status',
    cell: ({ status }) => <StatusBadge kind="data_set" status={status} />,
    onCard: true,
  },
  {
    id: 'lag',
    header: 'Lag',
    cell: ({ lagSeconds }) => (lagSeconds === null ? 'not known' : secondsWords(lagSeconds)),
    align: 'right',
    onCard: true,
  },
  {
    id: 'target',
    header: 'Target',
    cell: ({ lagTargetSeconds }) => (lagTargetSeconds === null ? 'by schedule' : secondsWords(lagTargetSeconds)),
    align: 'right',
    onCard: true,
  },
];

/** How far each data set is behind, against how far it may be. */
export function FreshnessBlock({ overview: { freshness } }: { readonly overview: Overview }) {
  return (
    <section aria-labelledby="freshness-heading">
      <Title order={2} size="h4" id="freshness-heading">
        Freshness
      </Title>
      <DataTable name="Freshness" columns={COLUMNS} rows={freshness} rowId={({ dataSet }) => dataSet} />
    </section>
  );
}
