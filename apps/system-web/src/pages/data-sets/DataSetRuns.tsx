import { type DataSetDetail, type LastRun } from '@astro/contracts';
import { Stack } from '@mantine/core';
import { type DataColumn, DataTable, Duration, EmptyState, StatusBadge, TextLink, TimeText } from '@astro/web-ui';
import { modeName } from '../../features/runs/run-words.js';
import { hrefOf } from '../../shared/href.js';

const COLUMNS: readonly DataColumn<LastRun>[] = [
  { id: 'id', header: 'Run', cell: ({ id }) => <TextLink href={`/runs/${id}`}>Run {id}</TextLink> },
  { id: 'state', header: 'Status', cell: ({ state }) => <StatusBadge kind="run" status={state} />, onCard: true },
  { id: 'mode', header: 'Mode', cell: ({ mode }) => modeName(mode), onCard: true },
  { id: 'startedBy', header: 'Started by', cell: ({ startedBy }) => <bdi>{startedBy}</bdi>, onCard: true },
  { id: 'createdAt', header: 'Asked for', cell: ({ createdAt }) => <TimeText at={createdAt} />, onCard: true },
  { id: 'length', header: 'Took', cell: (run) => <Duration ms={lengthMs(run)} />, align: 'right' },
];

/** The latest runs that this data set was part of. */
export function DataSetRuns({ dataSet: { name, lastRuns } }: { readonly dataSet: DataSetDetail }) {
  if (lastRuns.length === 0) {
    return (
      <EmptyState title="No run yet" text={`A run that brings ${name} over, verifies or repairs it appears here.`} />
    );
  }
  return (
    <Stack gap="sm">
      <DataTable name={`Runs of ${name}`} columns={COLUMNS} rows={lastRuns} rowId={({ id }) => id} />
      <div>
        <TextLink href={hrefOf('/runs', { dataSet: name })}>All runs of {name}</TextLink>
      </div>
    </Stack>
  );
}

function lengthMs({ startedAt, finishedAt }: LastRun): number | null {
  return startedAt === null || finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt);
}
