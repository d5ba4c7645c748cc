import { useMemo } from 'react';
import { Group } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type ColumnDef, getCoreRowModel, useReactTable } from '@tanstack/react-table';
import { CardList } from './CardList.js';
import { ColumnChooser } from './ColumnChooser.js';
import { PagingBar } from './PagingBar.js';
import { type TableLayout, useTableLayout } from './table-layout.js';
import { type DataColumn, type DataTableProps } from './table-props.js';
import { TableView } from './TableView.js';

const NARROW = '(max-width: 47.99em)';

/**
 * A list as a table, and as cards below 768 px. The server filters, sorts and pages; this shows one page.
 * Keys on a row: arrows (or j and k) move, Enter opens, x selects, Shift+x selects a range.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const isNarrow = useMediaQuery(NARROW) ?? false;
  const [layout, setLayout] = useTableLayout(props.name, props.columns);
  const table = useTable(props, layout);
  return (
    <div className="data-table" data-density={layout.density} aria-busy={props.isRefreshing ?? false}>
      <Group justify="space-between" gap="sm" align="flex-end" mb="xs">
        <div className="table-tools">{props.tools}</div>
        {!isNarrow && <ColumnChooser columns={props.columns} layout={layout} onChange={setLayout} />}
      </Group>
      {isNarrow ? <CardList {...props} /> : <TableView table={table} props={props} />}
      {props.paging && <PagingBar paging={props.paging} shown={props.rows.length} />}
    </div>
  );
}

function useTable<Row>({ columns, rows, rowId }: DataTableProps<Row>, layout: TableLayout) {
  const definitions = useMemo(() => columns.map(definitionOf), [columns]);
  const data = useMemo(() => [...rows], [rows]);
  return useReactTable({
    data,
    columns: definitions,
    getRowId: rowId,
    getCoreRowModel: getCoreRowModel(),
    manualSorting: true,
    manualPagination: true,
    manualFiltering: true,
    state: {
      columnOrder: layout.order,
      columnVisibility: Object.fromEntries(layout.hidden.map((id) => [id, false])),
    },
  });
}

function definitionOf<Row>(column: DataColumn<Row>): ColumnDef<Row> {
  return {
    id: column.id,
    header: column.header,
    enableSorting: column.sortable ?? false,
    meta: column,
  };
}
