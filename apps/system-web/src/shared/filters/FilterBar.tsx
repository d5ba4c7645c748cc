import { type ReactNode } from 'react';
import { Group, Stack } from '@mantine/core';
import { type FilterChip, FilterChips } from '@astro/web-ui';

interface FilterBarProps {
  readonly children: ReactNode;
  readonly chips: readonly FilterChip[];
  readonly onClear: () => void;
}

/** The filters of a list, and below them those that are on. */
export function FilterBar({ children, chips, onClear }: FilterBarProps) {
  return (
    <Stack gap="xs">
      <Group gap="sm" align="flex-end" role="search" data-filters>
        {children}
      </Group>
      <FilterChips chips={chips} onClear={onClear} />
    </Stack>
  );
}
