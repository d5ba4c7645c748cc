import { type TimeSettings } from '../time/format-time.js';
import { type ChartCardProps, type ChartPoint, type ChartSeries } from './chart-props.js';
import { pointName, type TimeGrain } from './chart-words.js';

const STEPS = [1, 2, 2.5, 5, 10];
/** Parts of the axis of values, at most. */
const PARTS = 4;

/** What the axis of values has to hold: the highest line, the highest stack, and the target. */
export function highestValue(points: readonly ChartPoint[], { series, target }: HeightInput): number {
  const heights = points.flatMap(({ values }) => heightsOf(values, series));
  return Math.max(0, target?.value ?? 0, ...heights);
}

type HeightInput = Pick<ChartCardProps, 'series' | 'target'>;

function heightsOf(values: ChartPoint['values'], series: readonly ChartSeries[]): number[] {
  const heights = new Map<string, number>();
  for (const { key, stack } of series) {
    const name = stack === undefined ? `line ${key}` : `stack ${stack}`;
    heights.set(name, (heights.get(name) ?? 0) + (values[key] ?? 0));
  }
  return [...heights.values()];
}

/**
 * From zero to the first round number above `highest`, in at most five round steps, so that no two ticks read alike.
 * @param isCounted true for things that have no half
 */
export function valueTicks(highest: number, isCounted: boolean): number[] {
  const step = roundStep(highest <= 0 ? 1 : highest / PARTS, isCounted);
  const count = Math.max(1, Math.ceil(highest / step - 1e-9));
  // Multiplied and not added up, and rounded: 3 × 0.1 would read 0.30000000000000004.
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

function roundStep(least: number, isCounted: boolean): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * (STEPS.find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
  return isCounted ? Math.max(1, Math.ceil(step)) : step;
}

const STEPS_S = {
  seconds: [1, 2, 5, 10, 15, 30, 60],
  minutes: [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1_440].map((minutes) => minutes * 60),
};
const MAX_TIME_TICKS = 8;
const MIN_TIME_TICKS = 2;
const DAY_S = 86_400;
const SECONDS_TELL_S = 300;

/**
 * The points at round times of the person's clock, as close together as there is room for.
 * @returns `undefined` when too few points stand at round times
 */
export function timeTicks(points: readonly ChartPoint[], settings: TimeSettings): string[] | undefined {
  const named = points.map(({ x }) => ({ x, seconds: secondsOfDay(x, settings) }));
  for (const step of timeGrain(points) === 'seconds' ? STEPS_S.seconds : STEPS_S.minutes) {
    const ticks = named.filter(({ seconds }) => seconds % step === 0).map(({ x }) => x);
    if (ticks.length <= MAX_TIME_TICKS) return ticks.length >= MIN_TIME_TICKS ? ticks : undefined;
  }
  return undefined;
}

function secondsOfDay(x: string, settings: TimeSettings): number {
  const [hours = 0, minutes = 0, seconds = 0] = pointName(x, 'time', { ...settings, hours: 24 })
    .slice(11, 19)
    .split(':')
    .map(Number);
  return (hours * 60 + minutes) * 60 + seconds;
}

/** What the ticks of the axis have to tell: of several days the day, too, of a few minutes the second. */
export function timeGrain(points: readonly ChartPoint[]): TimeGrain {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return 'minutes';
  const lengthS = (Date.parse(last.x) - Date.parse(first.x)) / 1000;
  if (lengthS > 2 * DAY_S) return 'days';
  return lengthS <= SECONDS_TELL_S ? 'seconds' : 'minutes';
}
