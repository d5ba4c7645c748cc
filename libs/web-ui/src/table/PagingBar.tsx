import { Button, Group, NativeSelect, Text } from '@mantine/core';
import { type TablePaging } from './table-props.js';

const SIZES = ['25', '50', '100'];

/** How many rows are shown, and the way to the next ones. */
export function PagingBar({ paging, shown }: { readonly paging: TablePaging; readonly shown: number }) {
  const { onFirst, onNext, size, onSize, total } = paging;
  return (
    <Group justify="space-between" gap="sm" mt="sm" role="group" aria-label="Pages">
      <Text size="sm">
        {shown} shown{total === undefined ? '' : ` of ${total}`}
      </Text>
      <Group gap="sm">
        <NativeSelect
          size="xs"
          aria-label="Rows on a page"
          data={SIZES}
          value={String(size)}
          onChange={(event) => onSize(Number(event.currentTarget.value))}
        />
        {onFirst && (
          <Button variant="default" size="xs" onClick={onFirst}>
            First page
          </Button>
        )}
        <Button variant="default" size="xs" disabled={!onNext} onClick={onNext}>
          Next page
        </Button>
      </Group>
    </Group>
  );
}
