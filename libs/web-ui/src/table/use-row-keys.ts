import { type KeyboardEvent, useState } from 'react';
import { type DataTableProps } from './table-props.js';

/** What each row needs so that the keyboard can walk over them. */
export interface RowKeys {
  readonly rowProps: (index: number) => {
    readonly tabIndex: 0 | -1;
    readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
    readonly onFocus: () => void;
  };
  /** Selects the row, or takes it out of the selection. */
  readonly toggle: (index: number) => void;
}

/** One row is in the tab order; the arrows move from row to row. */
export function useRowKeys<Row>(props: DataTableProps<Row>): RowKeys {
  const { rows, rowId, selection, onOpen } = props;
  const [current, setCurrent] = useState(0);
  const [anchor, setAnchor] = useState(0);
  const reachable = Math.min(current, Math.max(0, rows.length - 1));

  const toggle = (index: number): void => {
    const row = rows[index];
    if (!row || !selection) return;
    const ids = new Set(selection.ids);
    if (!ids.delete(rowId(row))) ids.add(rowId(row));
    selection.onChange(ids);
    setAnchor(index);
  };
  const selectRange = (index: number): void => {
    if (!selection) return;
    const [from, to] = [Math.min(anchor, index), Math.max(anchor, index)];
    selection.onChange(new Set([...selection.ids, ...rows.slice(from, to + 1).map(rowId)]));
  };
  const open = (index: number): void => {
    const row = rows[index];
    if (row) onOpen?.(row);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>, index: number): void => {
    // Keys inside a cell belong to what is focused there: a link, a button, a checkbox.
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = actOf(event.key, index, rows.length);
    if (!act) return;
    event.preventDefault();
    if (act.kind === 'move') focusRow(event.currentTarget, act.to);
    else ({ open, toggle, range: selectRange })[act.kind](index);
  };
  const rowProps = (index: number) => ({
    tabIndex: index === reachable ? (0 as const) : (-1 as const),
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => onKeyDown(event, index),
    onFocus: () => setCurrent(index),
  });
  return { rowProps, toggle };
}

type RowAct = { kind: 'open' | 'toggle' | 'range' } | { kind: 'move'; to: number };

/** What a key on the row `index` of `count` rows means; `null` for a key that is not ours. */
export function actOf(key: string, index: number, count: number): RowAct | null {
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return { kind: 'move', to: Math.min(index + 1, count - 1) };
    case 'ArrowUp':
    case 'k':
      return { kind: 'move', to: Math.max(index - 1, 0) };
    case 'Home':
      return { kind: 'move', to: 0 };
    case 'End':
      return { kind: 'move', to: count - 1 };
    case 'Enter':
      return { kind: 'open' };
    case 'x':
      return { kind: 'toggle' };
    case 'X':
      return { kind: 'range' };
    default:
      return null;
  }
}

function focusRow(from: HTMLElement, index: number): void {
  from.parentElement?.querySelector<HTMLElement>(`[data-row="${index}"]`)?.focus();
}
