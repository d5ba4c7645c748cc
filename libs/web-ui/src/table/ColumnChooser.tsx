import { ActionIcon, Button, Checkbox, Group, Popover, SegmentedControl, Stack } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconColumns } from '../icons.js';
import { defaultLayout, moveColumn, type TableLayout } from './table-layout.js';
import { type DataColumn } from './table-props.js';

interface ColumnChooserProps<Row> {
  readonly columns: readonly DataColumn<Row>[];
  readonly layout: TableLayout;
  readonly onChange: (layout: TableLayout) => void;
}

const DENSITIES: { value: TableLayout['density']; label: string }[] = [
  { value: 'normal', label: 'Normal' },
  { value: 'compact', label: 'Compact' },
];

/** Which columns are shown, in which order, how close the rows stand; order by buttons, so nothing needs dragging. */
export function ColumnChooser<Row>({ columns, layout, onChange }: ColumnChooserProps<Row>) {
  const movable = layout.order.slice(1).flatMap((id) => columns.find((column) => column.id === id) ?? []);
  return (
    <Popover position="bottom-end" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<IconColumns size={14} aria-hidden />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns of the table">
        <Stack gap="xs">
          <SegmentedControl
            size="xs"
            aria-label="Height of the rows"
            data={DENSITIES}
            value={layout.density}
            onChange={(density) => onChange({ ...layout, density })}
          />
          {movable.map((column) => (
            <ColumnRow key={column.id} column={column} layout={layout} onChange={onChange} />
          ))}
          <Button variant="subtle" size="xs" onClick={() => onChange(defaultLayout(columns))}>
            Back to the start
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

interface ColumnRowProps<Row> {
  readonly column: DataColumn<Row>;
  readonly layout: TableLayout;
  readonly onChange: (layout: TableLayout) => void;
}

function ColumnRow<Row>({ column: { id, header }, layout, onChange }: ColumnRowProps<Row>) {
  const isShown = !layout.hidden.includes(id);
  const show = (shown: boolean): void => {
    const others = layout.hidden.filter((hidden) => hidden !== id);
    onChange({ ...layout, hidden: shown ? others : [...others, id] });
  };
  const move = (by: -1 | 1): void => onChange({ ...layout, order: moveColumn(layout.order, id, by) });
  return (
    <Group justify="space-between" wrap="nowrap" gap="sm">
      <Checkbox label={header} checked={isShown} onChange={(event) => show(event.currentTarget.checked)} />
      <Group gap={4} wrap="nowrap">
        <ActionIcon variant="default" size={24} aria-label={`Move ${header} to the left`} onClick={() => move(-1)}>
          <IconArrowUp size={14} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" size={24} aria-label={`Move ${header} to the right`} onClick={() => move(1)}>
          <IconArrowDown size={14} aria-hidden />
        </ActionIcon>
      </Group>
    </Group>
  );
}
