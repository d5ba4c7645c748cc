import { Stack, Text } from '@mantine/core';
import { type DataColumn, DataTable, originOfInitiator, OriginChip, TextWithTimes, TimeText } from '@astro/web-ui';
import { useRunLog } from '../../features/runs/run-query.js';
import { type Run, type RunLogEntry } from '../../generated/index.js';
import { QueryView } from '../../shared/QueryView.js';

/** What happened to the run, newest first, each with who. */
export function LogPanel({ run }: { readonly run: Run }) {
  const query = useRunLog(run);
  return (
    <QueryView query={query} loadingLabel="Loading the log">
      {({ items, isCut }) => (
        <Stack gap="sm">
          <DataTable
            name={`Log of run ${run.id}`}
            columns={columnsOf(run.id)}
            rows={items}
            rowId={({ at, kind, dataSet }) => `${at} ${kind} ${dataSet ?? ''}`}
          />
          {isCut && <Text size="sm">The newest {items.length} entries; there are older ones.</Text>}
        </Stack>
      )}
    </QueryView>
  );
}

function columnsOf(runId: string): readonly DataColumn<RunLogEntry>[] {
  return [
    { id: 'at', header: 'Time', cell: ({ at }) => <TimeText at={at} /> },
    { id: 'text', header: 'What happened', cell: ({ text }) => <TextWithTimes text={text} />, onCard: true },
    { id: 'dataSet', header: 'Data set', cell: ({ dataSet }) => dataSet ?? 'the whole run', onCard: true },
    {
      id: 'who',
      header: 'Who',
      cell: ({ initiator, at }) =>
        initiator ? <OriginChip origin={originOfInitiator(initiator, { runId, at })} /> : 'the system',
      onCard: true,
    },
  ];
}
