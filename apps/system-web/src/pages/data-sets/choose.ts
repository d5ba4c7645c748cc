import { type DataSet, type DataSetStatus } from '@astro/contracts';
import { type TableSort } from '@astro/web-ui';

export interface DataSetFilter {
  readonly text?: string | undefined;
  readonly status: readonly DataSetStatus[];
  readonly mode?: DataSet['mode'] | undefined;
}

/** The data sets that fit. There are few, and the server sends all of them. */
export function fitting(dataSets: readonly DataSet[], { text = '', status, mode }: DataSetFilter): DataSet[] {
  const words = text.toLowerCase();
  return dataSets.filter((dataSet) => {
    const fitsText = [dataSet.name, ...dataSet.tables.map(({ table }) => table)].some((name) =>
      name.toLowerCase().includes(words),
    );
    const fitsStatus = status.length === 0 || status.includes(dataSet.status);
    return fitsText && fitsStatus && (mode === undefined || dataSet.mode === mode);
  });
}

/** Worst first. */
const STATUS_ORDER: readonly DataSetStatus[] = [
  'needs_resync',
  'stalled',
  'unknown',
  'late',
  'never_synced',
  'paused',
  'fresh',
];

const KEYS: Readonly<Record<string, (dataSet: DataSet) => string | number>> = {
  name: ({ name }) => name,
  status: ({ status }) => STATUS_ORDER.indexOf(status),
  mode: ({ mode }) => mode,
  lag: ({ lagSeconds }) => lagSeconds ?? -1,
  lastRun: ({ lastRun }) => lastRun?.createdAt ?? '',
  setAside: ({ setAsideKeys }) => setAsideKeys,
};

/** In the order of a column, or of the server without one. */
export function sorted(dataSets: readonly DataSet[], sort: TableSort | null): readonly DataSet[] {
  const keyOf = sort === null ? undefined : KEYS[sort.by];
  if (!keyOf) return dataSets;
  const sign = sort?.direction === 'desc' ? -1 : 1;
  return dataSets.toSorted((one, other) => sign * compare(keyOf(one), keyOf(other)));
}

function compare(one: string | number, other: string | number): number {
  return typeof one === 'number' && typeof other === 'number' ? one - other : String(one).localeCompare(String(other));
}

/** `lag` or `-lag`, as the address has it. */
export function sortOf(text: string | undefined): TableSort | null {
  if (text === undefined) return null;
  const isDown = text.startsWith('-');
  const by = isDown ? text.slice(1) : text;
  return Object.hasOwn(KEYS, by) ? { by, direction: isDown ? 'desc' : 'asc' } : null;
}

export function printSort(sort: TableSort | null): string | undefined {
  return sort === null ? undefined : `${sort.direction === 'desc' ? '-' : ''}${sort.by}`;
}
