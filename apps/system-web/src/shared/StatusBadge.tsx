import { Badge } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from './icons.js';

/** The one place that says how a state looks: icon, word and tone, never the tone alone. */
const LOOKS = {
  healthy: { icon: IconCheck, word: 'healthy', tone: 'green' },
  unhealthy: { icon: IconAlertTriangle, word: 'needs you', tone: 'red' },
} as const;

export function StatusBadge({ status }: { readonly status: keyof typeof LOOKS }) {
  const { icon: Icon, word, tone } = LOOKS[status];
  return (
    <Badge variant="light" color={tone} tt="none" leftSection={<Icon size={14} aria-hidden />}>
      {word}
    </Badge>
  );
}
