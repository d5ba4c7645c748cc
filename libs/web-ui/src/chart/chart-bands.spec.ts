import { chartBands } from './chart-bands.js';
import { type ChartPoint } from './chart-props.js';

const points = (...words: (string | null | undefined)[]): ChartPoint[] =>
  words.map((band, index) => ({ x: String(index), values: {}, ...(band !== undefined && { band }) }));

it.each<[string, ChartPoint[], [string, string, string][]]>([
  ['points without words', points(undefined, undefined), []],
  ['no points', [], []],
  ['neighbours, which touch', points('reading', 'reading', 'applying', 'applying'), [['reading', '0', '2'], ['applying', '2', '3']]], // prettier-ignore
  ['a rest between', points('reading', 'reading', null, 'reading', 'reading'), [['reading', '0', '2'], ['reading', '3', '4']]], // prettier-ignore
  ['a rest before and after', points(null, 'reading', 'reading', null), [['reading', '1', '3']]],
  ['one point alone', points(null, 'reading', null), [['reading', '1', '2']]],
  [
    'two points',
    points('reading', 'applying'),
    [
      ['reading', '0', '1'],
      ['applying', '1', '1'],
    ],
  ],
])('CH-1 the bands of %s', (_name, of, bands) => {
  expect(chartBands(of).map(({ word, fromX, toX }) => [word, fromX, toX])).toEqual(bands);
});

it('bands that touch do not look alike', () => {
  const bands = chartBands(points('reading', 'applying', 'verifying', 'reading', null, 'reading', 'verifying'));
  expect(bands.map(({ isDark }) => isDark)).toEqual([false, true, false, true, false, true]);
});
