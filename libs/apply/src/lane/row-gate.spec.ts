import { RowGate } from './row-gate.js';

it.each([
  ['nothing limits', null, [[1000, 0]], 0, 0],
  ['a first chunk passes at once, the next waits for its rate', 100, [[50, 0]], 0, 500],
  ['time pays', 100, [[50, 0]], 300, 200],
  ['what is paid is not paid twice', 100, [[50, 0]], 900, 0],
  [
    'chunks add up',
    100,
    [
      [50, 0],
      [50, 100],
    ],
    100,
    900,
  ],
  [
    'rest does not save up',
    100,
    [
      [50, 0],
      [50, 10_000],
    ],
    10_000,
    500,
  ],
] as const)('%s', (_name, limit, passed, atMs, waitMs) => {
  const gate = new RowGate();
  gate.setLimit(limit, 0);
  for (const [rows, ms] of passed) gate.passed(rows, ms);
  expect(gate.waitMs(atMs)).toBe(waitMs);
});

it('pays what is owed at the new rate', () => {
  const gate = new RowGate();
  gate.setLimit(10, 0);
  gate.passed(100, 0);
  expect(gate.waitMs(0)).toBe(10_000);
  gate.setLimit(1000, 1000);
  expect(gate.waitMs(1000)).toBe(90);
  gate.setLimit(null, 1000);
  expect(gate.waitMs(1000)).toBe(0);
});

it.each([
  [null, 20_000, 20_000],
  [500, 20_000, 500],
  [0.5, 20_000, 1],
  [50_000, 20_000, 20_000],
])('takes at most what passes in a second (%p rows/s)', (limit, most, rows) => {
  const gate = new RowGate();
  gate.setLimit(limit, 0);
  expect(gate.rowsAtOnce(most)).toBe(rows);
});
