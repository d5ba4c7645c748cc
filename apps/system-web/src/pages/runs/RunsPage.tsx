import { Box, Button, Group, Stack } from '@mantine/core';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { DataTable, isMoving, TableSkeleton, TextLink, useNow } from '@astro/web-ui';
import { StartSyncLink } from '../../features/runs/StartSyncLink.js';
import { useMe } from '../../features/session/session-context.js';
import { listRunsOptions } from '../../generated/@tanstack/react-query.gen.js';
import { type RunPage, type RunSummary } from '../../generated/index.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { RUN_COLUMNS } from './run-columns.js';
import { activeFilters, NO_FILTERS, runQueryOf, type RunsSearch } from './run-filters.js';
import { RunsFilterChips, RunsFilters } from './RunsFilters.js';
import { useHeldRows } from './use-held-rows.js';

const route = getRouteApi('/runs');

/** What runs now and what ran, newest first. */
export function RunsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { id: me } = useMe();
  const nowMs = useNow();
  const query = useLiveQuery(
    { ...listRunsOptions({ query: runQueryOf(search, nowMs) }), placeholderData: keepPreviousData },
    ({ items }) => items.some(({ state }) => isMoving(state)),
  );
  const change = (changed: Partial<RunsSearch>): void =>
    void navigate({ search: (before) => ({ ...before, cursor: undefined, ...changed }) });
  const labels = activeFilters(search, me).map(({ label }) => label);
  return (
    <Stack>
      <PageHeader title="Runs" actions={<StartSyncLink />}>
        What runs now and what ran, newest first.
      </PageHeader>
      <Views me={me} />
      <RunsFilters search={search} onChange={change} />
      <RunsFilterChips search={search} onChange={change} />
      <QueryView
        query={query}
        loadingLabel="Loading the runs"
        skeleton={<TableSkeleton rows={8} />}
        isEmpty={({ items }) => items.length === 0}
        empty={{
          title: 'No run yet',
          text: 'A run brings data sets over or compares them. It appears here as soon as somebody starts one.',
          action: <StartSyncLink />,
        }}
        filters={{ labels, onClear: () => change(NO_FILTERS) }}
      >
        {(page) => <RunList page={page} isSettled={!query.isPlaceholderData} search={search} onChange={change} />}
      </QueryView>
    </Stack>
  );
}

function Views({ me }: { readonly me: string }) {
  const views = [
    ['Running', '/runs?state=queued&state=running&state=pausing&state=paused&state=cancelling&state=verifying'],
    ['Mine', `/runs?initiator=${encodeURIComponent(me)}`],
    ['Failed in 24 h', '/runs?state=failed&state=stopped_by_guard&from=now-24h'],
    ['With leftovers', '/runs?state=succeeded_with_leftovers'],
    ['Waiting', '/runs?state=queued'],
    ['All', '/runs'],
  ] as const;
  return (
    <Group component="nav" gap="md" aria-label="Views of the list">
      {views.map(([name, href]) => (
        <TextLink key={name} href={href}>
          {name}
        </TextLink>
      ))}
    </Group>
  );
}

const pageSizeOf = (size: number): RunsSearch['limit'] => ([25, 50, 100] as const).find((one) => one === size) ?? 50;

interface RunListProps {
  readonly page: RunPage;
  readonly isSettled: boolean;
  readonly search: RunsSearch;
  readonly onChange: (change: Partial<RunsSearch>) => void;
}

function RunList({ page, isSettled, search, onChange }: RunListProps) {
  const navigate = route.useNavigate();
  const { items, nextCursor } = page;
  const { shown, newCount, showAll } = useHeldRows<RunSummary>(items, {
    question: JSON.stringify(search),
    isSettled,
  });
  return (
    <DataTable
      name="Runs"
      columns={RUN_COLUMNS}
      rows={shown}
      rowId={({ id }) => id}
      rowLabel={({ id }) => `run ${id}`}
      onOpen={({ id }) => void navigate({ to: '/runs/$id', params: { id } })}
      isRefreshing={!isSettled}
      tools={<NewRuns count={newCount} onShow={showAll} />}
      paging={{
        size: search.limit,
        onSize: (size) => onChange({ limit: pageSizeOf(size) }),
        onFirst: search.cursor === undefined ? undefined : () => onChange({ cursor: undefined }),
        onNext: nextCursor === null ? undefined : () => onChange({ cursor: nextCursor }),
      }}
    />
  );
}

const BUTTON_PX = 30;

/** Its room is always there: no row moves when the button comes or goes. */
function NewRuns({ count, onShow }: { readonly count: number; readonly onShow: () => void }) {
  return (
    <Box mih={BUTTON_PX}>
      {count > 0 && (
        <Button variant="light" size="xs" onClick={onShow}>
          {count} new {count === 1 ? 'run' : 'runs'}
        </Button>
      )}
    </Box>
  );
}
