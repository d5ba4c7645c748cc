import { type ReactNode } from 'react';
import { Button, Paper, Stack, Text } from '@mantine/core';
import { IconInbox } from '../icons.js';

interface EmptyStateProps {
  /** "No run yet". */
  readonly title: string;
  /** What this is and when something appears here. */
  readonly text: string;
  /** One thing to do. */
  readonly action?: ReactNode;
}

/** Nothing is here yet: what this place is, and one thing to do. */
export function EmptyState({ title, text, action }: EmptyStateProps) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="sm" className="empty">
        <IconInbox aria-hidden size={32} />
        <Text fw={600}>{title}</Text>
        <Text size="sm" maw={480} ta="center">
          {text}
        </Text>
        {action}
      </Stack>
    </Paper>
  );
}

interface FilteredEmptyProps {
  /** The filters that are on, as their chips read: "Status: failed". */
  readonly filters: readonly string[];
  readonly onClear: () => void;
}

/** Something exists, but the filters hide all of it. */
export function FilteredEmpty({ filters, onClear }: FilteredEmptyProps) {
  const action = (
    <Button variant="default" onClick={onClear}>
      Clear the filters
    </Button>
  );
  return <EmptyState title="Nothing matches" text={`The filters are: ${filters.join(' · ')}.`} action={action} />;
}
