import { type Component } from '@astro/contracts';
import { Paper, Text } from '@mantine/core';
import { StatusBadge } from '@astro/web-ui';

/** Every part with its state and one sentence about it; those that need a person come first. */
export function PartList({ parts }: { readonly parts: readonly Component[] }) {
  const sorted = parts.toSorted((a, b) => Number(a.healthy) - Number(b.healthy));
  return (
    <ul className="parts" aria-labelledby="parts-heading">
      {sorted.map(({ name, healthy, detail }) => (
        <Paper component="li" key={name} className="part" withBorder p="sm">
          <Text fw={600}>{name}</Text>
          <div>
            <StatusBadge kind="part" status={healthy ? 'healthy' : 'unhealthy'} />
          </div>
          <Text size="sm">{detail}</Text>
        </Paper>
      ))}
    </ul>
  );
}
