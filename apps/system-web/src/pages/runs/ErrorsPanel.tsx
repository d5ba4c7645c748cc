import { Button, Stack, Text, Title } from '@mantine/core';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import {
  type DataColumn,
  DataTable,
  FilterChips,
  formatCount,
  hasEnded,
  isMoving,
  TextLink,
  TimeText,
  ValueText,
} from '@astro/web-ui';
import { listRunErrorsOptions } from '../../generated/@tanstack/react-query.gen.js';
import {
  type ListRunErrorsData,
  type Run,
  type RunError,
  type RunErrorGroup,
  type RunErrorPage,
} from '../../generated/index.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { QueryView } from '../../shared/QueryView.js';

const route = getRouteApi('/runs/$id');
const PAGE = 50;

/** The words of the kinds. */
const KINDS: Readonly<Record<RunError['kind'], string>> = {
  missing: 'missing in the target',
  extra: 'extra in the target',
  different: 'different',
  failed: 'could not be written',
};

/** Failing rows and differences: first their causes, then row by row. */
export function ErrorsPanel({ run }: { readonly run: Run }) {
  const search = route.useSearch();
  const filter = useErrorFilter();
  const query = useLiveQuery(
    { ...listRunErrorsOptions({ path: { id: run.id }, query: queryOf(search) }), placeholderData: keepPreviousData },
    () => isMoving(run.state),
  );
  return (
    <Stack>
      <FilterChips chips={filter.chips} onClear={filter.clear} />
      <QueryView
        query={query}
        loadingLabel="Loading the errors"
        isEmpty={({ items, groups }) => items.length === 0 && groups.length === 0}
        empty={{
          title: 'No error and no difference',
          text: emptyWords(run),
        }}
        filters={{ labels: filter.chips.map(({ label }) => label), onClear: filter.clear }}
      >
        {(page) => <Errors page={page} isRefreshing={query.isPlaceholderData} />}
      </QueryView>
    </Stack>
  );
}

/** Only a run that came to its end may say that its rows are done. */
function emptyWords({ state }: Run): string {
  if (state === 'succeeded' || state === 'succeeded_with_leftovers') return 'Every row that was read is done.';
  if (hasEnded(state)) return 'No single row failed; why the run ended stands above.';
  return 'None so far; the run has not ended.';
}

interface ErrorSearch {
  readonly kind?: RunError['kind'] | undefined;
  readonly dataSet?: string | undefined;
  readonly code?: string | undefined;
  readonly cursor?: string | undefined;
}

function queryOf({ kind, dataSet, code, cursor }: ErrorSearch): NonNullable<ListRunErrorsData['query']> {
  return {
    limit: PAGE,
    ...(kind !== undefined && { kind }),
    ...(dataSet !== undefined && { dataSet }),
    ...(code !== undefined && { code }),
    ...(cursor !== undefined && { cursor }),
  };
}

function useErrorFilter() {
  const { kind, dataSet, code } = route.useSearch();
  const navigate = route.useNavigate();
  const change = (changed: ErrorSearch): void =>
    void navigate({ search: (before) => ({ ...before, cursor: undefined, ...changed }) });
  const chips = [
    { id: 'kind', label: kind && `Kind: ${KINDS[kind]}` },
    { id: 'dataSet', label: dataSet && `Data set: ${dataSet}` },
    { id: 'code', label: code && `Code: ${code}` },
  ].flatMap(({ id, label }) => (label ? [{ id, label, onRemove: () => change({ [id]: undefined }) }] : []));
  const clear = (): void => change({ kind: undefined, dataSet: undefined, code: undefined });
  return { chips, change, clear };
}

function Errors({ page, isRefreshing }: { readonly page: RunErrorPage; readonly isRefreshing: boolean }) {
  const { cursor } = route.useSearch();
  const { change } = useErrorFilter();
  const { groups, items, total, nextCursor } = page;
  return (
    <>
      <Title order={2} size="h4">
        By cause
      </Title>
      <DataTable name="Errors by cause" columns={GROUP_COLUMNS} rows={groups} rowId={groupId} />
      <Title order={2} size="h4">
        Row by row
      </Title>
      <DataTable
        name="Errors row by row"
        columns={ROW_COLUMNS}
        rows={items}
        rowId={({ id }) => id}
        isRefreshing={isRefreshing}
      />
      <Text size="sm">
        {items.length} of {formatCount(total)} shown; of each data set the first 10 000 are kept row by row.
      </Text>
      <div>
        {cursor !== undefined && (
          <Button variant="default" mr="sm" onClick={() => change({ cursor: undefined })}>
            First page
          </Button>
        )}
        {nextCursor !== null && (
          <Button variant="default" onClick={() => change({ cursor: nextCursor })}>
            Next page
          </Button>
        )}
      </div>
    </>
  );
}

function groupId({ dataSet, kind, code, entityType, field }: RunErrorGroup): string {
  return JSON.stringify([dataSet, kind, code, entityType, field]);
}

const GROUP_COLUMNS: readonly DataColumn<RunErrorGroup>[] = [
  { id: 'kind', header: 'Kind', cell: (group) => <GroupButton group={group} /> },
  { id: 'count', header: 'Rows', cell: ({ count }) => formatCount(count), align: 'right', onCard: true },
  { id: 'code', header: 'Code', cell: ({ code }) => code },
  { id: 'dataSet', header: 'Data set', cell: ({ dataSet }) => dataSet, onCard: true },
  { id: 'entityType', header: 'Table', cell: ({ entityType }) => entityType, hidden: true },
  { id: 'field', header: 'Field', cell: ({ field }) => field ?? '–' },
  { id: 'message', header: 'Message', cell: ({ message }) => <ValueText value={message} />, wraps: true, onCard: true },
  {
    id: 'advice',
    header: 'What you can do',
    cell: ({ advice }) => <ValueText value={advice} />,
    wraps: true,
    onCard: true,
  },
  { id: 'firstAt', header: 'First', cell: ({ firstAt }) => <TimeText at={firstAt} />, hidden: true },
  { id: 'lastAt', header: 'Last', cell: ({ lastAt }) => <TimeText at={lastAt} /> },
];

function GroupButton({ group: { kind, dataSet, code } }: { readonly group: RunErrorGroup }) {
  const { change } = useErrorFilter();
  return (
    <Button variant="transparent" size="compact-sm" px={0} onClick={() => change({ kind, dataSet, code })}>
      {KINDS[kind]}
    </Button>
  );
}

const ROW_COLUMNS: readonly DataColumn<RunError>[] = [
  { id: 'entityId', header: 'Key', cell: (error) => <KeyLink error={error} /> },
  { id: 'kind', header: 'Kind', cell: ({ kind }) => KINDS[kind], onCard: true },
  { id: 'dataSet', header: 'Data set', cell: ({ dataSet }) => dataSet },
  { id: 'entityType', header: 'Table', cell: ({ entityType }) => entityType, hidden: true },
  { id: 'field', header: 'Field', cell: ({ field }) => field ?? '–', onCard: true },
  { id: 'code', header: 'Code', cell: ({ code }) => code, hidden: true },
  { id: 'message', header: 'Message', cell: ({ message }) => <ValueText value={message} />, wraps: true, onCard: true },
  {
    id: 'advice',
    header: 'What you can do',
    cell: ({ advice }) => <ValueText value={advice} />,
    wraps: true,
    onCard: true,
  },
  { id: 'occurredAt', header: 'Time', cell: ({ occurredAt }) => <TimeText at={occurredAt} /> },
];

/** To everything that is known about the key: who changed it, and what both sides have. */
function KeyLink({ error: { dataSet, entityType, entityId } }: { readonly error: RunError }) {
  const search = new URLSearchParams({ dataSet, table: entityType, key: entityId });
  return (
    <TextLink href={`/explain?${search.toString()}`}>
      <bdi>{entityId}</bdi>
    </TextLink>
  );
}
