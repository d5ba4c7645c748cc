import { useEffect } from 'react';
import { type Status } from '@astro/contracts';
import { Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { FailedState, formatAge, StaleBanner, StatusBadge, useNow } from '@astro/web-ui';
import { problemTextOf } from '../../shared/api-error.js';
import { OverviewSkeleton } from './OverviewSkeleton.js';
import { PartList } from './PartList.js';
import { statusQuery } from './status-query.js';
import { verdictOf } from './verdict.js';

/** Answers "is anything wrong?" before anything else. */
export function OverviewPage() {
  const { data, error, dataUpdatedAt, refetch } = useQuery(statusQuery);
  const ageMs = useNow() - dataUpdatedAt;
  const retry = (): void => void refetch();
  return (
    <Stack>
      <Title order={1}>Overview</Title>
      {data && error && <StaleBanner updatedAtMs={dataUpdatedAt} onRetry={retry} />}
      {data && <StatusView status={data} ageMs={ageMs} />}
      {!data && error && <FailedState problem={problemTextOf(error)} onRetry={retry} />}
      {!data && !error && <OverviewSkeleton />}
    </Stack>
  );
}

function StatusView({ status, ageMs }: { readonly status: Status; readonly ageMs: number }) {
  const verdict = verdictOf(status);
  useEffect(() => {
    document.title = `${verdict} · AstroBookings synchronization`;
  }, [verdict]);
  return (
    <>
      <Group gap="sm" role="status">
        <StatusBadge kind="part" status={status.healthy ? 'healthy' : 'unhealthy'} />
        <Text size="lg" fw={600}>
          {verdict}
        </Text>
      </Group>
      <Text size="sm" c="dimmed">
        <time dateTime={status.asOf} title={status.asOf}>
          updated {formatAge(ageMs)} ago
        </time>
      </Text>
      <Title order={2} size="h3" id="parts-heading">
        Parts
      </Title>
      <PartList parts={status.components} />
    </>
  );
}
