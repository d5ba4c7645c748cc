import { Progress, Text } from '@mantine/core';
import {
  amountWords,
  type DataColumn,
  Duration,
  formatCount,
  hasEnded,
  OriginChip,
  originOfInitiator,
  StatusBadge,
  TextLink,
  TimeText,
} from '@astro/web-ui';
import { MODE_WORDS, scopeWords, whatMoves } from '../../features/runs/run-words.js';
import { type RunSummary } from '../../generated/index.js';

/** The columns of the list of runs. */
export const RUN_COLUMNS: readonly DataColumn<RunSummary>[] = [
  { id: 'id', header: 'Run', cell: ({ id }) => <TextLink href={`/runs/${id}`}>Run {id}</TextLink> },
  { id: 'state', header: 'Status', cell: ({ state }) => <StatusBadge kind="run" status={state} />, onCard: true },
  { id: 'dataSets', header: 'Data sets', cell: ({ dataSets }) => scopeWords(dataSets), wraps: true, onCard: true },
  { id: 'mode', header: 'Mode', cell: ({ mode }) => MODE_WORDS[mode].name },
  { id: 'progress', header: 'Progress', cell: (run) => <RowProgress run={run} />, onCard: true },
  { id: 'rows', header: 'Rows', cell: (run) => <RowKinds run={run} />, wraps: true },
  { id: 'errors', header: 'Errors', cell: (run) => <Errors run={run} />, align: 'right' },
  {
    id: 'initiator',
    header: 'Started by',
    cell: ({ id, initiator, createdAt }) => (
      <OriginChip origin={originOfInitiator(initiator, { runId: id, at: createdAt })} />
    ),
    onCard: true,
  },
  { id: 'createdAt', header: 'Created', cell: ({ createdAt }) => <TimeText at={createdAt} /> },
  { id: 'duration', header: 'Duration', cell: (run) => <RunLength run={run} />, align: 'right' },
  {
    id: 'retryOf',
    header: 'Retry of',
    cell: ({ retryOf }) => (retryOf === null ? '–' : <TextLink href={`/runs/${retryOf}`}>Run {retryOf}</TextLink>),
    hidden: true,
  },
];

interface RunProps {
  readonly run: RunSummary;
}

/** A bar with its percent; the page of the run tells the rest. Runs that have ended say how much they did. */
function RowProgress({ run: { state, dataSets, progress } }: RunProps) {
  const { percent, rowsApplied } = progress;
  if (hasEnded(state)) return <>{formatCount(rowsApplied)} applied</>;
  const words = amountWords(state, percent);
  return (
    <div>
      <Progress.Root size="sm">
        <Progress.Section
          value={percent ?? 0}
          withAria={false}
          role="progressbar"
          aria-label={`Progress of ${whatMoves(dataSets)}`}
          aria-valuemin={0}
          aria-valuemax={100}
          {...(percent !== null && { 'aria-valuenow': Math.floor(percent) })}
          aria-valuetext={words}
        />
      </Progress.Root>
      <Text size="sm">
        {words}
        {progress.rateRowsPerS !== null && ` · ${formatCount(progress.rateRowsPerS)} rows/s`}
      </Text>
    </div>
  );
}

function RowKinds({ run: { mode, progress } }: RunProps) {
  const { inserted, changed, removed, different } = progress;
  if (mode === 'verify') return <>{formatCount(different)} different</>;
  const kinds = Object.entries({ inserted, changed, removed }).filter(([, count]) => count > 0);
  return <>{kinds.map(([kind, count]) => `${formatCount(count)} ${kind}`).join(' · ') || '–'}</>;
}

function Errors({ run: { id, progress } }: RunProps) {
  if (progress.errors === 0) return <>0</>;
  return <TextLink href={`/runs/${id}?tab=errors`}>{formatCount(progress.errors)}</TextLink>;
}

function RunLength({ run: { startedAt, finishedAt } }: RunProps) {
  if (startedAt === null || finishedAt === null) return <>–</>;
  return <Duration ms={Date.parse(finishedAt) - Date.parse(startedAt)} />;
}
