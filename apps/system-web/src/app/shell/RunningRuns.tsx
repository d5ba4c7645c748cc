import { type RunState, type RunSummary } from '@astro/contracts';
import { Button, Popover, Stack, Text } from '@mantine/core';
import { amountWords, isMoving, StatusBadge, TextLink } from '@astro/web-ui';
import { listRunsOptions } from '../../generated/@tanstack/react-query.gen.js';
import { useLiveQuery } from '../../shared/live-query.js';

const NOT_ENDED: RunState[] = ['queued', 'running', 'pausing', 'paused', 'cancelling', 'verifying'];
const WAITING: ReadonlySet<RunState> = new Set(['queued', 'paused']);
const SHOWN = 5;

const runningQuery = listRunsOptions({ query: { state: NOT_ENDED, limit: SHOWN } });

/** The runs that have not ended, with their percent; nothing while there are none, or nobody can say. */
export function RunningRuns() {
  const { data } = useLiveQuery(runningQuery, ({ items }) => items.some(({ state }) => isMoving(state)));
  const runs = data?.items ?? [];
  if (runs.length === 0) return null;
  return (
    <Popover position="bottom-end" withinPortal trapFocus returnFocus width={320}>
      <Popover.Target>
        <Button variant="light" color="blue" size="xs">
          {openRunWords(runs, Boolean(data?.nextCursor))}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Runs that have not ended">
        <Stack gap="sm">
          {runs.map((run) => (
            <RunLine key={run.id} run={run} />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** `2 running`, `1 running, 1 waiting`: what is paused or queued does not run. @param more there are more than these */
export function openRunWords(runs: readonly Pick<RunSummary, 'state'>[], more: boolean): string {
  if (more) return `${runs.length}+ not ended`;
  const waiting = runs.filter(({ state }) => WAITING.has(state)).length;
  const counts = [
    [runs.length - waiting, 'running'],
    [waiting, 'waiting'],
  ] as const;
  return counts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(', ');
}

function RunLine({ run: { id, state, dataSets, progress } }: { readonly run: RunSummary }) {
  const { percent } = progress;
  return (
    <div>
      <TextLink href={`/runs/${id}`}>Run {id}</TextLink> <StatusBadge kind="run" status={state} />{' '}
      {amountWords(state, percent)}
      <Text size="sm" className="cut">
        {dataSets.join(', ')}
      </Text>
    </div>
  );
}
