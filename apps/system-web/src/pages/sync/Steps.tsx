import { Group, Text } from '@mantine/core';

const STEPS = [
  { id: 'scope', label: '1. Scope' },
  { id: 'plan', label: '2. Plan' },
  { id: 'confirm', label: '3. Confirm' },
] as const;

/** Where the person is. */
export function Steps({ current }: { readonly current: (typeof STEPS)[number]['id'] }) {
  return (
    <Group component="ol" gap="lg" aria-label="Steps" p={0} m={0} style={{ listStyle: 'none' }}>
      {STEPS.map(({ id, label }) => (
        <li key={id} {...(id === current && { 'aria-current': 'step' as const })}>
          <Text span fw={id === current ? 700 : 400} {...(id !== current && { c: 'dimmed' })}>
            {label}
          </Text>
        </li>
      ))}
    </Group>
  );
}
