import { Alert, Button, Group, Text } from '@mantine/core';
import { IconCloudOff } from '../icons.js';
import { formatAge } from '../time/format-time.js';
import { useNow } from '../time/use-now.js';

interface StaleBannerProps {
  /** When the data that is shown was read; milliseconds since 1970. */
  readonly updatedAtMs: number;
  readonly onRetry: () => void;
}

/** Above data that could not be renewed: it is kept, and its age is said. */
export function StaleBanner({ updatedAtMs, onRetry }: StaleBannerProps) {
  const ageMs = useNow() - updatedAtMs;
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
          It could not be renewed. You see what the server said {formatAge(ageMs)} ago; it is asked again by itself.
        </Text>
        <Button variant="default" size="xs" onClick={onRetry}>
          Ask now
        </Button>
      </Group>
    </Alert>
  );
}
