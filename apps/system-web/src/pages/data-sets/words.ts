import { type DataSet, type RowCount } from '@astro/contracts';
import { formatCount, formatRows } from '@astro/web-ui';

/** "12 400 rows", "at least 10 000 rows", "about 12 400 rows", "not known". */
export function rowsWords(count: RowCount | null, inexact: 'about' | 'at least'): string {
  if (count === null) return 'not known';
  return `${count.exact ? '' : `${inexact} `}${formatRows(count.rows)}`;
}

/** Lag as one short text: "14 rows, 3 s". What is not known is said, never shown as nothing. */
export function lagWords({ lagRows, lagSeconds }: Pick<DataSet, 'lagRows' | 'lagSeconds'>): string {
  if (lagRows === null && lagSeconds === null) return 'not known';
  return `${rowsWords(lagRows, 'at least')}, ${secondsWords(lagSeconds)}`;
}

/** Seconds with one digit below ten: "0.4 s", "42 s". */
export function secondsWords(seconds: number | null): string {
  if (seconds === null) return 'time not known';
  return seconds < 10 ? `${Number(seconds.toFixed(1))} s` : `${formatCount(seconds)} s`;
}

/** "live", or the rule of a scheduled data set. */
export function modeWords({ mode, schedule }: Pick<DataSet, 'mode' | 'schedule'>): string {
  return schedule === null ? mode : `${mode}: ${schedule.cron} (${schedule.timeZone})`;
}

/** How people call the databases. */
export const ENDPOINT_NAMES = { operations: 'OperationsDB', cache: 'CacheDB', system: 'SystemDB' } as const;
