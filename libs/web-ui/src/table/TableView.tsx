import { Checkbox, Table } from '@mantine/core';
import { type Row as TableRow, type Table as TableModel } from '@tanstack/react-table';
import { HeaderCell } from './HeaderCell.js';
import { type DataColumn, type DataTableProps } from './table-props.js';
import { type RowKeys, useRowKeys } from './use-row-keys.js';

interface TableViewProps<Row> {
  readonly table: TableModel<Row>;
  readonly props: DataTableProps<Row>;
}

/** From so many on, cells stand closer and names of people are cut earlier, so that 1440 px hold the table. */
const MANY_COLUMNS = 10;

/** The wide shape of a list. */
export function TableView<Row>({ table, props }: TableViewProps<Row>) {
  const keys = useRowKeys(props);
  return (
    <div className="table-scroll" tabIndex={-1}>
      <Table
        highlightOnHover
        highlightOnHoverColor="var(--quiet)"
        aria-label={props.name}
        className="table"
        data-many-columns={table.getVisibleLeafColumns().length >= MANY_COLUMNS}
      >
        <Table.Thead>
          <Table.Tr>
            {props.selection && <SelectAll props={props} />}
            {table.getFlatHeaders().map(({ id, column }) => (
              <HeaderCell
                key={id}
                column={columnOf<Row>(column.columnDef.meta)}
                sort={props.sort}
                onSort={props.onSort}
              />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {table.getRowModel().rows.map((row) => (
            <BodyRow key={row.id} row={row} props={props} keys={keys} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** Every definition is made from a `DataColumn`, which it carries. */
function columnOf<Row>(meta: unknown): DataColumn<Row> {
  return meta as DataColumn<Row>;
}

interface BodyRowProps<Row> {
  readonly row: TableRow<Row>;
  readonly props: DataTableProps<Row>;
  readonly keys: RowKeys;
}

function BodyRow<Row>({ row, props, keys }: BodyRowProps<Row>) {
  const isSelected = props.selection?.ids.has(row.id) ?? false;
  return (
    <Table.Tr data-row={row.index} {...keys.rowProps(row.index)} className={isSelected ? 'row row-selected' : 'row'}>
      {props.selection && (
        <Table.Td>
          <Checkbox
            checked={isSelected}
            onChange={() => keys.toggle(row.index)}
            aria-label={`Select ${props.rowLabel?.(row.original) ?? row.id}`}
            tabIndex={-1}
          />
        </Table.Td>
      )}
      {row.getVisibleCells().map((cell) => {
        const column = columnOf<Row>(cell.column.columnDef.meta);
        return (
          <Table.Td key={cell.id} className={cellClass(column)}>
            {column.cell(row.original)}
          </Table.Td>
        );
      })}
    </Table.Tr>
  );
}

function cellClass<Row>({ align, wraps }: DataColumn<Row>): string {
  return ['cell', align === 'right' && 'cell-right', wraps && 'cell-wraps'].filter(Boolean).join(' ');
}

function SelectAll<Row>({ props: { rows, rowId, selection } }: { readonly props: DataTableProps<Row> }) {
  const ids = rows.map(rowId);
  const count = ids.filter((id) => selection?.ids.has(id)).length;
  const isAll = ids.length > 0 && count === ids.length;
  return (
    <Table.Th scope="col">
      <Checkbox
        checked={isAll}
        indeterminate={count > 0 && !isAll}
        onChange={() => selection?.onChange(new Set(isAll ? [] : ids))}
        aria-label="Select all rows on this page"
      />
    </Table.Th>
  );
}
