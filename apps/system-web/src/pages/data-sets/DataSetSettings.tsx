import { type DataSetDetail, type DataSetTable } from '@astro/contracts';
import { Stack, Text } from '@mantine/core';
import { type DataColumn, DataTable, TimeText, ValueText } from '@astro/web-ui';
import { ENDPOINT_NAMES, modeWords, secondsWords } from './words.js';

const ROLES: Readonly<Record<DataSetTable['role'], string>> = {
  rows: 'its rows are the data set',
  root: 'one document per row',
  read: 'its rows are part of documents',
};

const COLUMNS: readonly DataColumn<DataSetTable>[] = [
  { id: 'table', header: 'Table', cell: ({ table }) => <ValueText value={table} /> },
  { id: 'keyColumns', header: 'Key', cell: ({ keyColumns }) => keyColumns.join(', ') || '–', onCard: true },
  { id: 'role', header: 'Part', cell: ({ role }) => ROLES[role], onCard: true },
  { id: 'target', header: 'Goes to the table', cell: ({ target }) => target ?? '–', onCard: true },
];

/** How the data set is declared, and where it stands in the history of its source. Declared in files, so read-only. */
export function DataSetSettings({ dataSet }: { readonly dataSet: DataSetDetail }) {
  const { name, tables } = dataSet;
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        This is declared in the configuration of the sync worker and is changed there.
      </Text>
      <Facts dataSet={dataSet} />
      <DataTable name={`Tables of ${name}`} columns={COLUMNS} rows={tables} rowId={({ table }) => table} />
    </Stack>
  );
}

function Facts({ dataSet }: { readonly dataSet: DataSetDetail }) {
  const { source, target, kind, lagTargetSeconds, position, captured, reportedAt } = dataSet;
  const facts = [
    ['Mode', modeWords(dataSet)],
    ['From', ENDPOINT_NAMES[source]],
    ['To', ENDPOINT_NAMES[target]],
    ['Kind', kind ?? 'not known'],
    ['Counts as late above', lagTargetSeconds === null ? 'waits for its time' : secondsWords(lagTargetSeconds)],
    ['Applied up to', position === null ? 'not known' : `${position.commitLsn} · ${position.seq}`],
    ['Captured up to', captured.commitLsn ?? 'not known'],
    ['Worker reported', <TimeText key="reported" at={reportedAt} none="never" />],
  ] as const;
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
