import { Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '../icons.js';
import { type DataColumn, type DataTableProps, nextSort, type TableSort } from './table-props.js';

interface HeaderCellProps<Row> {
  readonly column: DataColumn<Row>;
  readonly sort: TableSort | null | undefined;
  readonly onSort: DataTableProps<Row>['onSort'];
}

/** A header that says how the table is sorted, and sorts when the server can. */
export function HeaderCell<Row>({ column, sort, onSort }: HeaderCellProps<Row>) {
  const className = column.align === 'right' ? 'cell cell-right' : 'cell';
  if (!column.sortable || !onSort) {
    return (
      <Table.Th scope="col" className={className}>
        {column.header}
      </Table.Th>
    );
  }
  const direction = sort?.by === column.id ? sort.direction : undefined;
  return (
    <Table.Th scope="col" className={className} aria-sort={ariaSort(direction)}>
      <UnstyledButton className="sort" onClick={() => onSort(nextSort(column.id, sort))}>
        {column.header}
        <SortIcon direction={direction} />
      </UnstyledButton>
    </Table.Th>
  );
}

function ariaSort(direction: TableSort['direction'] | undefined): 'ascending' | 'descending' | 'none' {
  if (!direction) return 'none';
  return direction === 'asc' ? 'ascending' : 'descending';
}

function SortIcon({ direction }: { readonly direction: TableSort['direction'] | undefined }) {
  if (!direction) return <IconArrowsSort size={14} aria-hidden className="sort-off" />;
  return direction === 'asc' ? <IconArrowUp size={14} aria-hidden /> : <IconArrowDown size={14} aria-hidden />;
}
