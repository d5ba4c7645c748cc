import { median, percentile } from './statistics.js';

it.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
  [[10, 9, 100], 10],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

it.each([
  [[7], 99, 7],
  [[4, 2, 3, 1], 50, 2],
  [[4, 2, 3, 1], 51, 3],
  [Array.from({ length: 200 }, (_, i) => i + 1), 99, 198],
  [[5, 1, 3], 100, 5],
  [[5, 1, 3], 0, 1],
])('of %j, %d percent do not exceed', (values, percent, expected) => {
  expect(percentile(values, percent)).toBe(expected);
});

it('has no median of nothing', () => {
  expect(() => median([])).toThrow('there are no values');
  expect(() => percentile([], 50)).toThrow('there are no values');
});
