import { Alert, Button, Group, Text } from '@mantine/core';
import { IconCloudOff } from './icons.js';
import { formatAge } from './age.js';

interface StaleBannerProps {
  readonly ageMs: number;
  readonly onRetry: () => void;
}

/** Above data that could not be renewed: it is kept, and its age is said. */
export function StaleBanner({ ageMs, onRetry }: StaleBannerProps) {
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconCloudOff aria-hidden />}
      title="This may be out of date"
      role="status"
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          The server does not answer. You see what it said {formatAge(ageMs)} ago; it is asked again by itself.
        </Text>
        <Button variant="default" size="xs" onClick={onRetry}>
          Ask now
        </Button>
      </Group>
    </Alert>
  );
}
