import { type TimeSettings } from '../time/format-time.js';
import { type ChartPoint, type ChartSeries } from './chart-props.js';
import { highestValue, timeGrain, timeTicks, valueTicks } from './axis-ticks.js';
import { tickName } from './chart-words.js';

it.each<[string, number, boolean, number[]]>([
  ['small values', 0.2, false, [0, 0.05, 0.1, 0.15, 0.2]],
  ['a value between round ones', 3.2, false, [0, 1, 2, 3, 4]],
  ['a value a little above a round one', 82, false, [0, 25, 50, 75, 100]],
  ['counted things', 3, true, [0, 1, 2, 3]],
  ['one counted thing', 1, true, [0, 1]],
  ['nothing', 0, true, [0, 1]],
  ['many', 96_385, true, [0, 25_000, 50_000, 75_000, 100_000]],
])('the axis of values has round steps for %s', (_name, highest, isCounted, ticks) => {
  expect(valueTicks(highest, isCounted)).toEqual(ticks);
});

it('any axis of values holds the highest one, in at most five ticks that differ', () => {
  for (let highest = 0.013; highest < 1e6; highest *= 1.37) {
    const ticks = valueTicks(highest, false);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(highest);
    expect(ticks.length).toBeLessThanOrEqual(5);
    expect(new Set(ticks).size).toBe(ticks.length);
  }
});

it('the highest of stacks is their sum, of lines the highest line, and never below the target', () => {
  const bar = (key: string): ChartSeries => ({ key, label: key, kind: 'bar', stack: 'runs' });
  const points: ChartPoint[] = [{ x: 'a', values: { good: 2, bad: 3, line: 4 } }];
  expect(highestValue(points, { series: [bar('good'), bar('bad')] })).toBe(5);
  expect(highestValue(points, { series: [{ key: 'line', label: 'line', kind: 'line' }] })).toBe(4);
  expect(highestValue(points, { series: [], target: { value: 10, label: 'target' } })).toBe(10);
});

const MADRID: TimeSettings = { display: 'zone', zone: 'Europe/Madrid', hours: 24 };
const every = (minutes: number, count: number, from = '2026-11-22T03:20:00Z'): ChartPoint[] =>
  Array.from({ length: count }, (_, index) => ({
    x: new Date(Date.parse(from) + index * minutes * 60_000).toISOString(),
    values: {},
  }));
const names = (points: readonly ChartPoint[]) =>
  timeTicks(points, MADRID)?.map((x) => tickName(x, 'time', { settings: MADRID, grain: timeGrain(points) }));

it.each<[string, ChartPoint[], string[] | undefined]>([
  ['six hours', every(4, 91), ['05:00', '06:00', '07:00', '08:00', '09:00', '10:00']],
  ['a quarter of an hour', every(1, 16), ['04:20', '04:22', '04:24', '04:26', '04:28', '04:30', '04:32', '04:34']],
  [
    'three days',
    every(60, 73, '2026-11-22T03:00:00Z'),
    ['11-22 12:00', '11-23 00:00', '11-23 12:00', '11-24 00:00', '11-24 12:00', '11-25 00:00'],
  ],
  ['three minutes', every(1 / 30, 90), ['04:20:00', '04:20:30', '04:21:00', '04:21:30', '04:22:00', '04:22:30']],
  ['four seconds', every(1 / 60, 4), ['04:20:00', '04:20:01', '04:20:02', '04:20:03']],
  ['points at no round time', every(60, 30, '2026-11-22T03:21:00Z'), undefined],
])('the axis of time has round times of the person for %s', (_name, points, expected) => {
  expect(names(points)?.slice(0, 8)).toEqual(expected);
});
