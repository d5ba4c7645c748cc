import { type RunState, type RunSummary } from '@astro/contracts';
import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import { figuresOf, isMoving, OriginChip, originOfInitiator, ProgressBlock, TextLink } from '@astro/web-ui';
import { MODE_WORDS } from '../../features/runs/run-words.js';
import { listRunsOptions } from '../../generated/@tanstack/react-query.gen.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { QueryView } from '../../shared/QueryView.js';

const NOT_ENDED: RunState[] = ['queued', 'running', 'pausing', 'paused', 'cancelling', 'verifying'];
const SHOWN = 5;

/** The runs that have not ended, each with its progress and who started it. A block of its own: it moves by the second. */
export function RunningBlock() {
  const query = useLiveQuery(listRunsOptions({ query: { state: NOT_ENDED, limit: SHOWN } }), ({ items }) =>
    items.some(({ state }) => isMoving(state)),
  );
  return (
    <section aria-labelledby="running-heading">
      <Title order={2} size="h4" id="running-heading" mb="xs">
        Running now
      </Title>
      <QueryView query={query} loadingLabel="Loading what runs">
        {({ items, nextCursor, asOf }) => (
          <Stack gap="sm">
            {items.length === 0 && <Text size="sm">No run is under way.</Text>}
            {items.map((run) => (
              <RunningRun key={run.id} run={run} asOf={asOf} receivedAtMs={query.dataUpdatedAt} />
            ))}
            {nextCursor !== null && <TextLink href="/runs">All runs</TextLink>}
          </Stack>
        )}
      </QueryView>
    </section>
  );
}

interface RunningRunProps {
  readonly run: RunSummary;
  readonly asOf: string;
  readonly receivedAtMs: number;
}

function RunningRun({ run, asOf, receivedAtMs }: RunningRunProps) {
  const { id, mode, dataSets, state, progress, initiator } = run;
  const scope = dataSets.length <= 3 ? dataSets.join(', ') : `${dataSets.length} data sets`;
  return (
    <Paper withBorder p="sm">
      <Group gap="sm" mb="xs">
        <TextLink href={`/runs/${id}`}>Run {id}</TextLink>
        <Text size="sm">
          {MODE_WORDS[mode].name} of <bdi>{scope}</bdi>
        </Text>
        <OriginChip origin={originOfInitiator(initiator)} links={{ run: `/runs/${id}` }} />
      </Group>
      <ProgressBlock figures={figuresOf(state, progress, { asOf, receivedAtMs })} what={scope} size="small" />
    </Paper>
  );
}
