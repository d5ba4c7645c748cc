import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle } from '../icons.js';

/** One part of the answer that is missing, and why. */
export interface MissingPart {
  readonly what: string;
  readonly why: string;
}

/** Above data of which parts are missing; nothing when none is. */
export function PartialBanner({ parts }: { readonly parts: readonly MissingPart[] }) {
  if (parts.length === 0) return null;
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title="A part is missing"
      role="status"
    >
      {parts.map(({ what, why }) => (
        <Text size="sm" key={what}>
          {what}: {why}
        </Text>
      ))}
    </Alert>
  );
}
