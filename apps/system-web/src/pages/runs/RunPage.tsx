import { Group, Paper, Stack, Tabs, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import {
  figuresOf,
  formatCount,
  formatPercent,
  hasEnded,
  OriginChip,
  originOfInitiator,
  ProgressBlock,
  TextLink,
  TimeText,
} from '@astro/web-ui';
import { phaseTimes } from '../../features/runs/phase-times.js';
import { useRun, useRunSeries } from '../../features/runs/run-query.js';
import { MODE_WORDS, scopeWords, whatMoves } from '../../features/runs/run-words.js';
import { type Run } from '../../generated/index.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { ErrorsPanel } from './ErrorsPanel.js';
import { ItemsPanel } from './ItemsPanel.js';
import { LogPanel } from './LogPanel.js';
import { PlanPanel } from './PlanPanel.js';
import { RateLimit } from './RateLimit.js';
import { RunCharts } from './RunCharts.js';
import { RunFacts } from './RunFacts.js';
import { RunSpans } from './RunSpans.js';
import { RunStateNote } from './RunState.js';
import { RunVerbs } from './RunVerbs.js';
import { RUN_TABS } from './search.js';

const route = getRouteApi('/runs/$id');

/** Watch a run, understand it, steer it. */
export function RunPage() {
  const { id } = route.useParams();
  const query = useRun(id);
  return (
    <Stack>
      <Header id={id} run={query.data} />
      <QueryView query={query} loadingLabel={`Loading run ${id}`}>
        {(run) => <RunView key={id} run={run} receivedAtMs={query.dataUpdatedAt} />}
      </QueryView>
    </Stack>
  );
}

function Header({ id, run }: { readonly id: string; readonly run: Run | undefined }) {
  const title = `Run ${id}`;
  if (!run) return <PageHeader title={title} />;
  return (
    <PageHeader title={title} tabTitle={`${title} · ${tabWords(run)}`} actions={<RunVerbs key={id} run={run} />}>
      <Group gap="sm">
        <Text size="sm" span>
          {MODE_WORDS[run.mode].name} of {scopeWords(run.dataSets)}
        </Text>
        <OriginChip origin={originOfInitiator(run.initiator, { runId: id, at: run.createdAt })} />
        <TimeText at={run.createdAt} />
        {run.retryOf !== null && <TextLink href={`/runs/${run.retryOf}`}>retry of run {run.retryOf}</TextLink>}
      </Group>
    </PageHeader>
  );
}

function tabWords({ state, progress: { percent } }: Run): string {
  if (hasEnded(state)) return state.replaceAll('_', ' ');
  return percent === null ? 'counting' : formatPercent(percent);
}

function RunView({ run, receivedAtMs }: { readonly run: Run; readonly receivedAtMs: number }) {
  const clock = { asOf: run.asOf, receivedAtMs };
  const { data: series } = useRunSeries(run);
  return (
    <>
      <Paper withBorder p="md">
        <ProgressBlock
          figures={figuresOf(run.state, run.progress, clock)}
          what={whatMoves(run.dataSets)}
          phaseTimes={phaseTimes(series?.spans ?? [])}
        />
      </Paper>
      <RunStateNote run={run} />
      <RunFacts run={run} />
      {!hasEnded(run.state) && run.state !== 'cancelling' && <RateLimit run={run} />}
      <RunTabs run={run} />
    </>
  );
}

function RunTabs({ run }: { readonly run: Run }) {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const open = (value: string | null): void => {
    const chosen = RUN_TABS.find((one) => one === value);
    if (chosen) void navigate({ search: { tab: chosen } });
  };
  const errors = run.progress.errors + run.progress.different;
  return (
    <Tabs value={tab} onChange={open} keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="progress">Data sets</Tabs.Tab>
        <Tabs.Tab value="errors">{errors > 0 ? `Errors (${formatCount(errors)})` : 'Errors'}</Tabs.Tab>
        <Tabs.Tab value="log">Log</Tabs.Tab>
        <Tabs.Tab value="plan">Plan</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="progress" pt="md">
        <Stack>
          <RunCharts run={run} />
          <RunSpans run={run} />
          <ItemsPanel run={run} />
        </Stack>
      </Tabs.Panel>
      <Tabs.Panel value="errors" pt="md">
        <ErrorsPanel run={run} />
      </Tabs.Panel>
      <Tabs.Panel value="log" pt="md">
        <LogPanel run={run} />
      </Tabs.Panel>
      <Tabs.Panel value="plan" pt="md">
        <PlanPanel run={run} />
      </Tabs.Panel>
    </Tabs>
  );
}
