import { Text } from '@mantine/core';
import {
  type DataColumn,
  DataTable,
  formatCount,
  formatPercent,
  hasEnded,
  StatusBadge,
  TextLink,
  TimeText,
} from '@astro/web-ui';
import { durationWords } from '../../features/runs/run-words.js';
import { type Run, type RunItem } from '../../generated/index.js';

const COLUMNS: readonly DataColumn<RunItem>[] = [
  {
    id: 'dataSet',
    header: 'Data set',
    cell: ({ dataSet }) => <TextLink href={`/data-sets/${encodeURIComponent(dataSet)}`}>{dataSet}</TextLink>,
  },
  { id: 'state', header: 'Status', cell: ({ state }) => <StatusBadge kind="run" status={state} />, onCard: true },
  { id: 'phase', header: 'Phase', cell: ({ progress }) => progress.phase },
  { id: 'percent', header: 'Percent', cell: (item) => percentWords(item), align: 'right', onCard: true },
  { id: 'rows', header: 'Read / applied / total', cell: ({ progress }) => rowWords(progress), onCard: true },
  { id: 'rate', header: 'Rate', cell: ({ progress }) => rateWords(progress), align: 'right' },
  { id: 'left', header: 'Time left', cell: (item) => leftWords(item), align: 'right' },
  {
    id: 'errors',
    header: 'Errors',
    cell: ({ progress }) => formatCount(progress.errors),
    align: 'right',
    onCard: true,
  },
  { id: 'different', header: 'Different', cell: ({ progress }) => formatCount(progress.different), align: 'right' },
  {
    id: 'retries',
    header: 'Retries',
    cell: ({ progress }) => formatCount(progress.retries),
    align: 'right',
    hidden: true,
  },
  { id: 'worker', header: 'Worker', cell: ({ worker }) => worker ?? '–', hidden: true },
  { id: 'updatedAt', header: 'Counted', cell: ({ progress }) => <TimeText at={progress.updatedAt} none="not yet" /> },
  { id: 'message', header: 'Message', cell: ({ message }) => <Text size="sm">{message ?? '–'}</Text>, wraps: true },
];

/** One row per data set of the run. */
export function ItemsPanel({ run }: { readonly run: Run }) {
  return <DataTable name={`Data sets of run ${run.id}`} columns={COLUMNS} rows={run.items} rowId={({ id }) => id} />;
}

type Progress = RunItem['progress'];

function percentWords({ state, progress: { percent } }: RunItem): string {
  if (percent === null) return state === 'waiting' ? 'not begun' : 'counting…';
  return formatPercent(percent);
}

function rowWords({ rowsRead, rowsApplied, rowsTotal }: Progress): string {
  return `${formatCount(rowsRead)} / ${formatCount(rowsApplied)} / ${rowsTotal === null ? '?' : formatCount(rowsTotal)}`;
}

function rateWords({ rateRowsPerS }: Progress): string {
  return rateRowsPerS === null ? '–' : `${formatCount(rateRowsPerS)} rows/s`;
}

function leftWords({ state, progress: { eta } }: RunItem): string {
  return hasEnded(state) || !eta.band ? '–' : durationWords(eta.band);
}
