import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core';
import { type ErrorComponentProps } from '@tanstack/react-router';
import { CopyButton } from '@astro/web-ui';
import { ApiError } from '../../shared/api-error.js';
import { IconAlertTriangle } from '../../shared/icons.js';
import { PageHeader } from '../../shared/PageHeader.js';

/** Browsers say it each in their own words. */
const FILE_IS_GONE = /dynamically imported module|Importing a module script failed|error loading/i;

/** A page broke; the shell around it lives. */
export function CrashPage({ error: thrown, reset }: ErrorComponentProps) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (FILE_IS_GONE.test(error.message)) return <NewVersionPage />;
  const report = reportOf(error);
  return (
    <Stack>
      <PageHeader title="This page broke" />
      <Alert
        color="red"
        variant="light"
        icon={<IconAlertTriangle aria-hidden />}
        title="Something went wrong"
        role="alert"
      >
        <Stack align="flex-start" gap="sm">
          <Text size="sm">
            The other pages go on working. If it happens again, give this report to an administrator.
          </Text>
          <Group gap={4} wrap="nowrap" align="flex-start">
            <Code block>{report}</Code>
            <CopyButton value={report} what="report" />
          </Group>
          <Button variant="default" onClick={reset}>
            Try again
          </Button>
        </Stack>
      </Alert>
    </Stack>
  );
}

function NewVersionPage() {
  return (
    <Stack align="flex-start">
      <PageHeader title="A new version is here" />
      <Text>This page belongs to an older version than the server. Reload to get the new one.</Text>
      <Button onClick={() => window.location.reload()}>Reload</Button>
    </Stack>
  );
}

/** What helps to find the cause: where, when and what, without data. */
function reportOf(error: Error): string {
  const requestId = error instanceof ApiError ? error.requestId : null;
  return [
    `page: ${window.location.pathname}`,
    `time: ${new Date().toISOString()}`,
    `error: ${error.name}: ${error.message.slice(0, 200)}`,
    ...(requestId ? [`request id: ${requestId}`] : []),
  ].join('\n');
}
