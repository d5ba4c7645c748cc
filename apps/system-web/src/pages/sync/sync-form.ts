import { type FILTER_OPERATORS, type Permission, type RunMode } from '@astro/contracts';
import {
  type FilterCondition,
  type Preview,
  type PreviewRequestInput,
  type RunOptions,
} from '../../generated/index.js';

export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** Which rows of the one chosen data set: all, those of some keys, or those that fit conditions. */
export const NARROWINGS = ['all', 'keys', 'filter'] as const;
export type Narrowing = (typeof NARROWINGS)[number];

export interface ConditionValues {
  readonly column: string;
  readonly operator: FilterOperator;
  /** One value; for `in` one per line. */
  readonly value: string;
}

/** What the person has entered, as entered. */
export interface SyncValues {
  readonly all: boolean;
  readonly dataSets: string[];
  readonly mode: RunMode;
  readonly narrowing: Narrowing;
  /** Empty: the only table of the data set. */
  readonly table: string;
  /** One per line. */
  readonly keys: string;
  readonly filter: ConditionValues[];
  /** Rows per second; empty for no limit. */
  readonly rateLimit: string | number;
  readonly whenBusy: 'refuse' | 'queue';
}

export const NEW_CONDITION: ConditionValues = { column: '', operator: 'eq', value: '' };

const EMPTY: SyncValues = {
  all: false,
  dataSets: [],
  mode: 'incremental',
  narrowing: 'all',
  table: '',
  keys: '',
  filter: [NEW_CONDITION],
  rateLimit: '',
  whenBusy: 'refuse',
};

interface SyncSearch {
  readonly dataSet: readonly string[];
  readonly all: boolean;
  readonly mode?: RunMode | undefined;
}

/** What an address asks for. */
export function valuesOfSearch({ dataSet, all, mode }: SyncSearch): SyncValues {
  return { ...EMPTY, all, dataSets: [...dataSet], mode: mode ?? EMPTY.mode };
}

/** What a plan was made of, to go back to it from an address alone. */
export function valuesOfPreview({ dataSets, mode, options }: Preview, all: boolean): SyncValues {
  const { table = '', keys, filter, rateLimitRowsPerS } = options;
  return {
    ...EMPTY,
    all,
    dataSets,
    mode,
    table,
    narrowing: narrowingOf(options),
    keys: (keys ?? []).join('\n'),
    filter: filter ? filter.map(conditionValues) : EMPTY.filter,
    rateLimit: rateLimitRowsPerS ?? '',
  };
}

function narrowingOf({ keys, filter }: RunOptions): Narrowing {
  if (keys) return 'keys';
  return filter ? 'filter' : 'all';
}

function conditionValues({ column, operator, value }: FilterCondition): ConditionValues {
  const texts = value === undefined ? [] : [value].flat().map(String);
  return { column, operator, value: texts.join('\n') };
}

/** Keys and filters are for one data set and for the modes that look at rows. */
export function canNarrow({ all, dataSets, mode }: Pick<SyncValues, 'all' | 'dataSets' | 'mode'>): boolean {
  return !all && dataSets.length === 1 && mode !== 'incremental';
}

export function takesValue(operator: FilterOperator): boolean {
  return operator !== 'is_null' && operator !== 'is_not_null';
}

/** The question to the API. */
export function requestOf(values: SyncValues): PreviewRequestInput {
  const { all, dataSets, mode } = values;
  return { datasets: all ? 'all' : dataSets, mode, options: optionsOf(values) };
}

function optionsOf(values: SyncValues): RunOptions {
  const { narrowing, table, keys, filter, rateLimit } = values;
  const rate: RunOptions = rateLimit === '' ? {} : { rateLimitRowsPerS: Number(rateLimit) };
  if (narrowing === 'all' || !canNarrow(values)) return rate;
  const narrowed = narrowing === 'keys' ? { keys: linesOf(keys) } : { filter: filter.map(conditionOf) };
  return { ...rate, ...narrowed, ...(table !== '' && { table }) };
}

function conditionOf({ column, operator, value }: ConditionValues): FilterCondition {
  if (!takesValue(operator)) return { column: column.trim(), operator };
  return { column: column.trim(), operator, value: operator === 'in' ? linesOf(value) : value };
}

export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** What the server says about syncing a data set in a mode. */
export function permissionFor(
  allowed: { readonly sync: Permission; readonly verify: Permission; readonly repair: Permission },
  mode: RunMode,
): Permission {
  return mode === 'verify' || mode === 'repair' ? allowed[mode] : allowed.sync;
}
