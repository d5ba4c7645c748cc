import { createContext, useCallback, useContext, useState } from 'react';
import { z } from 'zod';
import { type DataColumn } from './table-props.js';

const layoutSchema = z.object({
  order: z.array(z.string()),
  hidden: z.array(z.string()),
  density: z.enum(['normal', 'compact']),
});

/** Which columns a person sees, in which order, and how close the rows stand. */
export type TableLayout = z.infer<typeof layoutSchema>;

const Density = createContext<TableLayout['density']>('normal');

/** How close the rows of tables stand whose layout the person has not changed. */
export const DensityProvider = Density.Provider;

export function defaultLayout<Row>(
  columns: readonly DataColumn<Row>[],
  density: TableLayout['density'] = 'normal',
): TableLayout {
  return {
    order: columns.map(({ id }) => id),
    hidden: columns.filter(({ hidden }) => hidden).map(({ id }) => id),
    density,
  };
}

/** A kept layout, mended for columns that came or went since; the first column is never hidden or moved. */
export function mendLayout(kept: unknown, fresh: TableLayout): TableLayout {
  const parsed = layoutSchema.safeParse(kept);
  if (!parsed.success) return fresh;
  const [first, ...others] = fresh.order;
  const known = new Set(others);
  const keptOrder = parsed.data.order.filter((id) => known.has(id));
  const added = others.filter((id) => !parsed.data.order.includes(id));
  return {
    order: [...(first === undefined ? [] : [first]), ...keptOrder, ...added],
    hidden: [...parsed.data.hidden.filter((id) => known.has(id)), ...fresh.hidden.filter((id) => added.includes(id))],
    density: parsed.data.density,
  };
}

/** Moves a column one place; the first one stays first. */
export function moveColumn(order: readonly string[], id: string, by: -1 | 1): string[] {
  const from = order.indexOf(id);
  const to = from + by;
  if (from < 1 || to < 1 || to >= order.length) return [...order];
  return order.toSpliced(from, 1).toSpliced(to, 0, id);
}

/** The layout of the table `name`, kept in this browser. */
export function useTableLayout<Row>(name: string, columns: readonly DataColumn<Row>[]) {
  const density = useContext(Density);
  const [kept, setKept] = useState<unknown>(() => readKept(name));
  const change = useCallback(
    (next: TableLayout) => {
      setKept(next);
      keep(name, next);
    },
    [name],
  );
  return [mendLayout(kept, defaultLayout(columns, density)), change] as const;
}

const keyOf = (name: string): string => `astro.table.${name}`;

function readKept(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(keyOf(name)) ?? 'null');
  } catch {
    return null; // storage is off or holds something else; the defaults serve
  }
}

function keep(name: string, layout: TableLayout): void {
  try {
    localStorage.setItem(keyOf(name), JSON.stringify(layout));
  } catch {
    // Storage is full or off: the layout then lasts as long as the page.
  }
}
