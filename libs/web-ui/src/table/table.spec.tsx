import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderUi, wrapped } from '../test/render.fixture.js';
import { DataTable } from './DataTable.js';
import { defaultLayout, mendLayout, moveColumn } from './table-layout.js';
import { type DataColumn, type DataTableProps, nextSort } from './table-props.js';
import { actOf } from './use-row-keys.js';

interface Row {
  readonly id: string;
  readonly rows: number;
}

const COLUMNS: readonly DataColumn<Row>[] = [
  { id: 'id', header: 'Run', cell: ({ id }) => <a href={`#${id}`}>Run {id}</a> },
  { id: 'rows', header: 'Rows', cell: ({ rows }) => rows, sortable: true, align: 'right', onCard: true },
  { id: 'more', header: 'More', cell: () => 'more', hidden: true },
];
const ROWS: readonly Row[] = ['1', '2', '3', '4'].map((id) => ({ id, rows: Number(id) * 10 }));

const table = (more: Partial<DataTableProps<Row>> = {}) => (
  <DataTable
    name="Runs"
    columns={COLUMNS}
    rows={ROWS}
    rowId={({ id }) => id}
    rowLabel={({ id }) => `run ${id}`}
    {...more}
  />
);

/** The selection that was told last. */
const lastSet = (onChange: jest.Mock<void, [ReadonlySet<string>]>) => onChange.mock.lastCall?.[0] ?? new Set<string>();

beforeEach(() => localStorage.clear());

describe('a table', () => {
  it('TB-1 is a table with a name, headers with a scope, and aria-sort where the server sorts', async () => {
    const onSort = jest.fn();
    const { rerender } = renderUi(table({ onSort }));
    const headers = within(screen.getByRole('table', { name: 'Runs' })).getAllByRole('columnheader');
    expect(
      headers.map((header) => [header.textContent, header.getAttribute('scope'), header.getAttribute('aria-sort')]),
    ).toEqual([
      ['Run', 'col', null],
      ['Rows', 'col', 'none'],
    ]);
    await userEvent.click(screen.getByRole('button', { name: 'Rows' }));
    expect(onSort).toHaveBeenLastCalledWith({ by: 'rows', direction: 'asc' });
    rerender(wrapped(table({ onSort, sort: { by: 'rows', direction: 'desc' } })));
    expect(screen.getByRole('columnheader', { name: 'Rows' })).toHaveAttribute('aria-sort', 'descending');
  });

  it('TB-1 sorts up, down, and not at all', () => {
    expect(nextSort('a', null)).toEqual({ by: 'a', direction: 'asc' });
    expect(nextSort('a', { by: 'a', direction: 'asc' })).toEqual({ by: 'a', direction: 'desc' });
    expect(nextSort('a', { by: 'a', direction: 'desc' })).toBeNull();
    expect(nextSort('a', { by: 'b', direction: 'asc' })).toEqual({ by: 'a', direction: 'asc' });
  });

  it('TB-1 walks over the rows by keyboard, opens one, selects one and a range', async () => {
    const onOpen = jest.fn();
    const onChange = jest.fn<void, [ReadonlySet<string>]>();
    renderUi(table({ onOpen, selection: { ids: new Set(['4']), onChange } }));
    const [, first, second] = screen.getAllByRole('row');
    first?.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(second).toHaveFocus();
    expect(second).toHaveAttribute('tabindex', '0');
    expect(first).toHaveAttribute('tabindex', '-1');
    await userEvent.keyboard('{Enter}');
    expect(onOpen).toHaveBeenCalledWith(ROWS[1]);
    await userEvent.keyboard('x');
    expect([...lastSet(onChange)]).toEqual(['4', '2']);
    await userEvent.keyboard('{ArrowDown}X');
    expect([...lastSet(onChange)]).toEqual(['4', '2', '3']);
  });

  it('keeps what is open in a cell when the columns are made anew', async () => {
    const columns = (): typeof COLUMNS => [{ id: 'id', header: 'Run', cell: ({ id }) => <details>Run {id}</details> }];
    const { rerender } = renderUi(table({ columns: columns() }));
    const [before] = screen.getAllByRole('group');
    rerender(wrapped(table({ columns: columns() })));
    expect(screen.getAllByRole('group')[0]).toBe(before);
  });

  it('TB-1 leaves keys inside a cell to what is focused there', async () => {
    const onOpen = jest.fn();
    renderUi(table({ onOpen }));
    screen.getByRole('link', { name: 'Run 1' }).focus();
    await userEvent.keyboard('{Enter}');
    expect(onOpen).not.toHaveBeenCalled();
  });

  it('TB-1 selects all rows of the page by a box with a name', async () => {
    const onChange = jest.fn<void, [ReadonlySet<string>]>();
    renderUi(table({ selection: { ids: new Set(['1']), onChange } }));
    expect(screen.getByRole('checkbox', { name: 'Select run 1' })).toBeChecked();
    await userEvent.click(screen.getByRole('checkbox', { name: 'Select all rows on this page' }));
    expect(lastSet(onChange).size).toBe(4);
  });

  it('TB-1 shows and hides columns, and keeps the choice', async () => {
    const { unmount } = renderUi(table());
    await userEvent.click(screen.getByRole('button', { name: 'Columns' }));
    await userEvent.click(await screen.findByRole('checkbox', { name: 'More' }));
    await userEvent.click(screen.getByRole('button', { name: 'Move More to the left' }));
    const names = () => screen.getAllByRole('columnheader').map((header) => header.textContent);
    expect(names()).toEqual(['Run', 'More', 'Rows']);
    unmount();
    renderUi(table());
    expect(names()).toEqual(['Run', 'More', 'Rows']);
  });

  it('TB-1 pages by cursor', async () => {
    const paging = { onNext: jest.fn(), onFirst: jest.fn(), size: 50, onSize: jest.fn(), total: '200+' };
    renderUi(table({ paging }));
    expect(screen.getByText('4 shown of 200+')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Next page' }));
    await userEvent.click(screen.getByRole('button', { name: 'First page' }));
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Rows on a page' }), '100');
    expect(paging.onNext).toHaveBeenCalledTimes(1);
    expect(paging.onFirst).toHaveBeenCalledTimes(1);
    expect(paging.onSize).toHaveBeenCalledWith(100);
  });

  it('TB-1 becomes cards on a narrow screen', () => {
    const wide = window.matchMedia;
    window.matchMedia = (query) => ({ ...wide(query), matches: true });
    renderUi(table({ selection: { ids: new Set(), onChange: jest.fn() } }));
    window.matchMedia = wide;
    const [card] = within(screen.getByRole('list', { name: 'Runs' })).getAllByRole('listitem');
    expect(within(card as HTMLElement).getByRole('link', { name: 'Run 1' })).toBeVisible();
    expect(within(card as HTMLElement).getByText('Rows')).toBeVisible();
    expect(screen.queryByRole('table')).not.toBeInTheDocument();
  });

  it('TB-1 ignores a key that is pressed with Ctrl', () => {
    const onOpen = jest.fn();
    renderUi(table({ onOpen }));
    const row = screen.getAllByRole('row')[1] as HTMLElement;
    fireEvent.keyDown(row, { key: 'Enter', ctrlKey: true });
    expect(onOpen).not.toHaveBeenCalled();
  });
});

describe('the layout of a table', () => {
  const fresh = defaultLayout(COLUMNS);

  it.each([
    ['nothing', null],
    ['something else', { order: 7 }],
  ])('starts anew from %s', (_name, kept) => {
    expect(mendLayout(kept, fresh)).toEqual(fresh);
  });

  it('drops columns that are gone, adds new ones, and never hides or moves the first', () => {
    const kept = { order: ['gone', 'more', 'id'], hidden: ['id', 'gone'], density: 'compact' };
    expect(mendLayout(kept, fresh)).toEqual({ order: ['id', 'more', 'rows'], hidden: [], density: 'compact' });
  });

  it.each([
    ['more', -1, ['id', 'more', 'rows']],
    ['more', 1, ['id', 'rows', 'more']],
    ['rows', -1, ['id', 'rows', 'more']],
    ['id', 1, ['id', 'rows', 'more']],
    ['unknown', 1, ['id', 'rows', 'more']],
  ] as const)('moves %s by %i', (id, by, expected) => {
    expect(moveColumn(['id', 'rows', 'more'], id, by)).toEqual(expected);
  });
});

it.each([
  ['j', 3, { kind: 'move', to: 3 }],
  ['k', 0, { kind: 'move', to: 0 }],
  ['Home', 2, { kind: 'move', to: 0 }],
  ['End', 0, { kind: 'move', to: 3 }],
  ['q', 0, null],
])('the key %s on row %i of 4', (key, index, expected) => {
  expect(actOf(key, index, 4)).toEqual(expected);
});
