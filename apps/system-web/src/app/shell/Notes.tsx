import { Alert, Button, Group, Text } from '@mantine/core';
import { TimeText } from '@astro/web-ui';
import { toggleFreeze, useFrozenAt } from '../../shared/freeze.js';
import { IconPlayerPause } from '../../shared/icons.js';
import { clearIgnored, useIgnoredFilters } from '../../shared/ignored-filters.js';

/** Updates are stopped: since when, and the way on. */
export function FrozenNote() {
  const frozenAtMs = useFrozenAt();
  if (frozenAtMs === null) return null;
  return (
    <Alert color="blue" variant="light" icon={<IconPlayerPause aria-hidden />} role="status">
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          Frozen at <TimeText at={frozenAtMs} absolute />. Nothing on this page is renewed.
        </Text>
        <Button variant="default" size="xs" onClick={toggleFreeze}>
          Resume
        </Button>
      </Group>
    </Alert>
  );
}

/** The address had filters that made no sense. */
export function IgnoredNote() {
  const ignored = useIgnoredFilters();
  if (ignored.length === 0) return null;
  const count = ignored.length === 1 ? 'One filter was' : `${ignored.length} filters were`;
  return (
    <Alert
      color="yellow"
      variant="light"
      role="status"
      withCloseButton
      closeButtonLabel="Close the note"
      onClose={clearIgnored}
    >
      <Text size="sm">
        {count} ignored, because the address had a value that is not possible: {ignored.join(', ')}.
      </Text>
    </Alert>
  );
}
