import { type DataSetDetail, type SetAsideKey } from '@astro/contracts';
import { Text, Title } from '@mantine/core';
import { type DataColumn, DataTable, TextLink, TimeText, ValueText } from '@astro/web-ui';
import { hrefOf } from '../../shared/href.js';

/** Keys that could not be written and wait with their errors; nothing when there are none. */
export function SetAsideBlock({ dataSet }: { readonly dataSet: DataSetDetail }) {
  const { name, setAside, setAsideKeys } = dataSet;
  if (setAsideKeys === 0) return null;
  return (
    <section aria-labelledby="set-aside-heading">
      <Title order={2} size="h4" id="set-aside-heading">
        Keys set aside
      </Title>
      <Text size="sm" c="dimmed">
        {setAsideKeys} {setAsideKeys === 1 ? 'key waits' : 'keys wait'}
        {setAsideKeys > setAside.length && `; the latest ${setAside.length} are shown`}. Correct the row or the target:
        each key is tried again every minute, and when its row changes.
      </Text>
      <DataTable
        name="Keys set aside"
        columns={columnsOf(name)}
        rows={setAside}
        rowId={({ table, key }) => `${table} ${key}`}
      />
    </section>
  );
}

function columnsOf(dataSet: string): readonly DataColumn<SetAsideKey>[] {
  return [
    {
      id: 'key',
      header: 'Key',
      cell: ({ table, key }) => (
        <TextLink href={hrefOf('/explain', { dataSet, table, key })}>
          <bdi>{key}</bdi>
        </TextLink>
      ),
    },
    { id: 'table', header: 'Table', cell: ({ table }) => <ValueText value={table} /> },
    { id: 'message', header: 'Why', cell: ({ message }) => <ValueText value={message} />, wraps: true, onCard: true },
    { id: 'code', header: 'Code', cell: ({ code }) => code },
    { id: 'attempts', header: 'Tries', cell: ({ attempts }) => attempts, align: 'right', onCard: true },
    { id: 'firstAt', header: 'First', cell: ({ firstAt }) => <TimeText at={firstAt} />, hidden: true },
    { id: 'lastAt', header: 'Last', cell: ({ lastAt }) => <TimeText at={lastAt} />, onCard: true },
  ];
}
