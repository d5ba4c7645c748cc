import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core';
import { CopyButton } from '../bits/CopyButton.js';
import { IconAlertTriangle, IconLock } from '../icons.js';
import { type ProblemText } from './problem-text.js';

const FORBIDDEN = 403;

interface FailedStateProps {
  readonly problem: ProblemText;
  /** Left out when trying again cannot help. */
  readonly onRetry?: () => void;
}

/** Instead of data that could not be loaded: what happened, what to do, and the request id to give on. */
export function FailedState({ problem, onRetry }: FailedStateProps) {
  const isForbidden = problem.status === FORBIDDEN;
  const Icon = isForbidden ? IconLock : IconAlertTriangle;
  return (
    <Alert
      color={isForbidden ? 'gray' : 'red'}
      variant="light"
      icon={<Icon aria-hidden />}
      title={problem.title}
      role="alert"
    >
      <Stack align="flex-start" gap="sm">
        <Text size="sm">{problem.detail}</Text>
        {problem.advice && <Text size="sm">{problem.advice}</Text>}
        {problem.requestId && <RequestId id={problem.requestId} />}
        {onRetry && !isForbidden && (
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

function RequestId({ id }: { readonly id: string }) {
  return (
    <Group gap={4}>
      <Text size="sm">
        Request id: <Code>{id}</Code>
      </Text>
      <CopyButton value={id} what="request id" />
    </Group>
  );
}
