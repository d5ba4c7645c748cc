import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from './icons.js';
import { ApiError } from './api.js';

interface ErrorPanelProps {
  readonly error: Error;
  readonly onRetry: () => void;
}

/** Instead of data that could not be loaded: what happened, and one thing to do. */
export function ErrorPanel({ error, onRetry }: ErrorPanelProps) {
  const known = error instanceof ApiError ? error : null;
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={known?.title ?? 'Something went wrong'}
      role="alert"
    >
      <Stack align="flex-start" gap="sm">
        <Text size="sm">{known ? known.message : 'Reload the page; if it stays, tell an administrator.'}</Text>
        {known?.requestId && <Text size="sm">Request id: {known.requestId}</Text>}
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      </Stack>
    </Alert>
  );
}
