import { verdict, type Figure, type Goal } from './goal.js';
import { markdownTable, textTable, toLines, toReport } from './report.js';

const RATE: Goal = { name: 'drain', title: 'drain', unit: 'x', mustReach: 1, aim: 1.5, better: 'higher' };
const TIME: Goal = { name: 'latency', title: 'latency', unit: 'ms', mustReach: 8, aim: 4, better: 'lower' };
const JOINED: Goal = { ...RATE, name: 'joined', title: 'a|b', unit: 'changes/s', mustReach: 5000, aim: 20_000 };
const figure = (goal: Goal, value: number | null): Figure => ({ goal, value, runs: [{ ratio: 1 }] });

it.each([
  [RATE, 0.999, 'missed'],
  [RATE, 1, 'met'],
  [RATE, 1.5, 'reaches the aim'],
  [TIME, 8.01, 'missed'],
  [TIME, 8, 'met'],
  [TIME, 4, 'reaches the aim'],
  [RATE, null, 'missed'],
  [TIME, Number.NaN, 'missed'],
] as const)('judges %j with %p as %s', (goal, value, expected) => {
  expect(verdict(figure(goal, value))).toBe(expected);
});

it('writes the figures with their limits and runs', () => {
  expect(toReport([figure(RATE, 1.234567)])).toEqual({
    scenarios: [{ name: 'drain', value: 1.2346, unit: 'x', mustReach: 1, aim: 1.5, met: true, runs: [{ ratio: 1 }] }],
  });
});

it('writes a scenario that failed as missed, with its problem', () => {
  const failed = { goal: RATE, value: null, runs: [], problem: 'row 7 is not equal\nmore' };
  expect(toReport([failed]).scenarios[0]).toMatchObject({
    value: null,
    met: false,
    runs: [{ problem: 'row 7 is not equal\nmore' }],
  });
  expect(toLines([failed])[0]).toEqual(['drain', '–', '≥ 1.00 ×', '1.50 ×', 'failed: row 7 is not equal']);
});

it('shows a table for people', () => {
  expect(textTable(toLines([figure(RATE, 1.25), figure(TIME, 9.04)]))).toBe(
    [
      'scenario  measured  must reach  aim     verdict',
      '--------  --------  ----------  ------  -------',
      'drain     1.25 ×    ≥ 1.00 ×    1.50 ×  met',
      'latency   9.0 ms    ≤ 8.0 ms    4.0 ms  missed',
      '',
    ].join('\n'),
  );
});

it('shows a table for a page', () => {
  expect(markdownTable(toLines([figure(JOINED, 12_345.6)]), 'Measured somewhere.')).toBe(
    [
      'Measured somewhere.',
      '',
      '| scenario | measured | must reach | aim | verdict |',
      '| --- | --- | --- | --- | --- |',
      '| a\\|b | 12 346 changes/s | ≥ 5 000 changes/s | 20 000 changes/s | met |',
      '',
    ].join('\n'),
  );
});
