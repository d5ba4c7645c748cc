import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type DataColumn, DataTable, EmptyState, formatCount, TimeText } from '@astro/web-ui';
import { getRunPreviewOptions } from '../../generated/@tanstack/react-query.gen.js';
import { type Preview, type Run } from '../../generated/index.js';
import { QueryView } from '../../shared/QueryView.js';

/** What was planned against what has been done. */
export function PlanPanel({ run }: { readonly run: Run }) {
  if (run.previewId !== null) return <Comparison run={run} previewId={run.previewId} />;
  return (
    <EmptyState
      title="Started without a plan"
      text="Schedules, retries and integrations may start a run without one; then only the guard limits what it removes."
    />
  );
}

interface ComparisonProps {
  readonly run: Run;
  readonly previewId: string;
}

function Comparison({ run, previewId }: ComparisonProps) {
  const query = useQuery(getRunPreviewOptions({ path: { id: previewId } }));
  return (
    <QueryView query={query} loadingLabel="Loading the plan">
      {(preview) => (
        <Stack gap="sm">
          <Text size="sm">
            Counted <TimeText at={preview.readyAt} none="never" />. Each cell is planned → done so far.
          </Text>
          <DataTable name="Plan and result" columns={COLUMNS} rows={rowsOf(preview, run)} rowId={({ name }) => name} />
        </Stack>
      )}
    </QueryView>
  );
}

interface PlanRow {
  readonly name: string;
  readonly inserts: string;
  readonly changes: string;
  readonly removals: string;
  readonly same: string;
}

const COLUMNS: readonly DataColumn<PlanRow>[] = [
  { id: 'name', header: 'Data set', cell: ({ name }) => name },
  { id: 'inserts', header: 'Inserted', cell: ({ inserts }) => inserts, align: 'right', onCard: true },
  { id: 'changes', header: 'Changed', cell: ({ changes }) => changes, align: 'right', onCard: true },
  { id: 'removals', header: 'Removed', cell: ({ removals }) => removals, align: 'right', onCard: true },
  { id: 'same', header: 'Same', cell: ({ same }) => same, align: 'right', onCard: true },
];

function rowsOf({ items: planned }: Preview, { items }: Run): readonly PlanRow[] {
  return planned.map(({ dataSet, inserts, changes, removals, same }) => {
    const done = items.find((item) => item.dataSet === dataSet)?.progress;
    return {
      name: dataSet,
      inserts: pair(inserts, done?.inserted),
      changes: pair(changes, done?.changed),
      removals: pair(removals, done?.removed),
      same: pair(same, done?.same),
    };
  });
}

const pair = (planned: number | null, done: number | undefined): string =>
  `${planned === null ? 'not known' : formatCount(planned)} → ${formatCount(done)}`;
