import { formatCount } from '../bits/format-number.js';
import { formatAbsolute, type TimeSettings } from '../time/format-time.js';
import { type ChartCardProps, type ChartPoint } from './chart-props.js';

/** The place of a point in words: a time as the person sees times, or the name. */
export function pointName(x: string, xKind: ChartCardProps['xKind'], settings: TimeSettings): string {
  if (xKind === 'category') return x;
  const { display, zone, hours } = settings;
  return formatAbsolute(Date.parse(x), { zone: display === 'utc' ? 'UTC' : zone, hours });
}

/** How fine the ticks of an axis of time are. */
export type TimeGrain = 'days' | 'minutes' | 'seconds';

const PART: Readonly<Record<TimeGrain, readonly [from: number, to: number]>> = {
  days: [5, 16],
  minutes: [11, 16],
  seconds: [11, 19],
};

/** For the ticks of an axis: "14:02", of several days "11-22 14:02", of a few minutes "14:02:30". */
export function tickName(x: string, xKind: ChartCardProps['xKind'], { settings, grain }: TickInput): string {
  if (xKind === 'category') return x;
  return pointName(x, xKind, settings).slice(...PART[grain]);
}

interface TickInput {
  readonly settings: TimeSettings;
  readonly grain: TimeGrain;
}

export function valueWords(value: number | null | undefined, format: ChartCardProps['format']): string {
  if (value === null || value === undefined) return 'no value';
  return format ? format(value) : formatCount(value);
}

/** What is read out when the cursor stands on a point: "2026-11-22 14:02:00 CET: applied 1 200, read 1 500 rows/s". */
export function pointWords(point: ChartPoint, props: ChartCardProps, settings: TimeSettings): string {
  const values = props.series.map(({ key, label }) => `${label} ${valueWords(point.values[key], props.format)}`);
  const band = props.bandHeader && point.band ? `, ${point.band}` : '';
  return `${pointName(point.x, props.xKind, settings)}: ${values.join(', ')} ${props.unit}${band}`;
}
