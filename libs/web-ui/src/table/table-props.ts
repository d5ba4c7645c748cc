import { type ReactNode } from 'react';

/** One column. */
export interface DataColumn<Row> {
  /** Stable; for sortable columns the name that the API sorts by. */
  readonly id: string;
  readonly header: string;
  /** Values from databases through `ValueText` or as plain text. */
  readonly cell: (row: Row) => ReactNode;
  /** The server can sort by it. */
  readonly sortable?: boolean;
  /** Numbers stand to the right. */
  readonly align?: 'right';
  /** Sentences and lists may take several lines; everything else stands on one. */
  readonly wraps?: boolean;
  /** Not shown until the person chooses it. */
  readonly hidden?: boolean;
  /** One of the (four) facts on a card below 768 px; the first column is always its heading. */
  readonly onCard?: boolean;
}

export interface TableSort {
  readonly by: string;
  readonly direction: 'asc' | 'desc';
}

/** Cursor paging: the address holds the cursor, so the browser's Back goes a page back too. */
export interface TablePaging {
  /** Absent on the first page. */
  readonly onFirst?: (() => void) | undefined;
  /** Absent on the last page. */
  readonly onNext?: (() => void) | undefined;
  readonly size: number;
  readonly onSize: (size: number) => void;
  /** "200+" or an exact number when it is cheap; absent when nobody counted. */
  readonly total?: string;
}

export interface TableSelection {
  readonly ids: ReadonlySet<string>;
  readonly onChange: (ids: ReadonlySet<string>) => void;
}

export interface DataTableProps<Row> {
  /** Name of the table for screen readers, and the key under which this browser keeps columns and density. */
  readonly name: string;
  readonly columns: readonly DataColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  /** In words, for the name of the row's checkbox: "run 12". */
  readonly rowLabel?: (row: Row) => string;
  /** `Enter` on a row; usually goes where the link in the first column goes. */
  readonly onOpen?: (row: Row) => void;
  readonly sort?: TableSort | null;
  /** `null` when the person goes back to the order of the server. */
  readonly onSort?: (sort: TableSort | null) => void;
  readonly paging?: TablePaging;
  readonly selection?: TableSelection;
  /** The rows belong to the question before this one. */
  readonly isRefreshing?: boolean;
  /** What stands at the left of the column chooser: filters, an export button. */
  readonly tools?: ReactNode;
}

/** The order of sorting after a click on a header: up, down, none. */
export function nextSort(by: string, sort: TableSort | null | undefined): TableSort | null {
  if (sort?.by !== by) return { by, direction: 'asc' };
  return sort.direction === 'asc' ? { by, direction: 'desc' } : null;
}
