import { formatAge } from './age.js';

it.each([
  [-5, '0 s'],
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_000, '59 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 d'],
])('%i ms is "%s"', (ageMs, expected) => {
  expect(formatAge(ageMs)).toBe(expected);
});
