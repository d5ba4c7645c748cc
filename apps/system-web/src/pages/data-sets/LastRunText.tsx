import { type LastRun } from '@astro/contracts';
import { Group } from '@mantine/core';
import { StatusBadge, TextLink, TimeText } from '@astro/web-ui';

/** The latest run of a data set: a link to it, how it stands, and when. */
export function LastRunText({ run }: { readonly run: LastRun | null }) {
  if (run === null) return <span>none yet</span>;
  return (
    <Group gap="xs">
      <TextLink href={`/runs/${run.id}`}>Run {run.id}</TextLink>
      <StatusBadge kind="run" status={run.state} />
      <TimeText at={run.finishedAt ?? run.startedAt ?? run.createdAt} />
    </Group>
  );
}
