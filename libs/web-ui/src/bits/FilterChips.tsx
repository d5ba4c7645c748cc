import { Button, CloseButton, Group, Text } from '@mantine/core';

/** One filter that is on. */
export interface FilterChip {
  /** Stable and unique, such as `status:failed`. */
  readonly id: string;
  /** "Status: failed". */
  readonly label: string;
  readonly onRemove: () => void;
}

interface FilterChipsProps {
  readonly chips: readonly FilterChip[];
  readonly onClear: () => void;
  /** Said before the chips, such as "Your last filters:" when a list restored them. */
  readonly note?: string;
}

/** The filters that are on, each with a button that takes it away; nothing when none is. */
export function FilterChips({ chips, onClear, note }: FilterChipsProps) {
  if (chips.length === 0) return null;
  return (
    <Group gap="xs" role="group" aria-label="Filters that are on">
      {note && <Text size="sm">{note}</Text>}
      {chips.map(({ id, label, onRemove }) => (
        <span key={id} className="filter-chip">
          <bdi className="cut">{label}</bdi>
          <CloseButton size={24} iconSize={14} aria-label={`Remove the filter ${label}`} onClick={onRemove} />
        </span>
      ))}
      <Button variant="subtle" size="compact-sm" onClick={onClear}>
        Clear all
      </Button>
    </Group>
  );
}
