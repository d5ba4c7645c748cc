import { gridOf } from './run-series.js';
import { isSampleDue } from './samples.js';
import { ratesOf, type Grid, type Rate, type Stretch } from './series-rates.js';

describe('a sample of how far an item has come', () => {
  it.each([
    ['is due at the beginning', { nowMs: 5, startedMs: 0, sampledMs: null }, true],
    ['is not due within a second', { nowMs: 10_999, startedMs: 0, sampledMs: 10_000 }, false],
    ['is due after a second', { nowMs: 11_000, startedMs: 0, sampledMs: 10_000 }, true],
    ['is due each second until 200 s have passed', { nowMs: 200_000, startedMs: 0, sampledMs: 199_000 }, true],
    ['is rarer after an hour', { nowMs: 3_600_000, startedMs: 0, sampledMs: 3_583_000 }, false],
    ['is due after a 200th of an hour', { nowMs: 3_600_000, startedMs: 0, sampledMs: 3_582_000 }, true],
    ['counts from when the item was taken', { nowMs: 3_600_000, startedMs: 3_590_000, sampledMs: 3_599_000 }, true],
  ])('%s', (_name, question, isDue) => {
    expect(isSampleDue(question)).toBe(isDue);
  });

  it('is taken no more than 1 500 times in a day of work', () => {
    let sampledMs: number | null = null;
    let count = 0;
    for (let nowMs = 0; nowMs <= 86_400_000; nowMs += 500) {
      if (!isSampleDue({ nowMs, startedMs: 0, sampledMs })) continue;
      sampledMs = nowMs;
      count += 1;
    }
    expect(count).toBeGreaterThan(1_000);
    expect(count).toBeLessThan(1_500);
  });
});

/** One item's samples in one bucket: `[second, rows, errors]` of the first and of the last. */
function stretch(
  first: readonly [number, number, number?],
  last: readonly [number, number, number?] = first,
  { itemId = '1', holding = 1 } = {},
): Stretch {
  return {
    ...{ itemId, holding, firstMs: first[0] * 1000, lastMs: last[0] * 1000 },
    ...{ firstRows: first[1], lastRows: last[1], firstErrors: first[2] ?? 0, lastErrors: last[2] ?? 0 },
  };
}

const GRID: Grid = { fromMs: 0, bucketMs: 10_000, count: 4 };
const ITEM_2 = { itemId: '2', holding: 1 };
const AGAIN = { itemId: '1', holding: 2 };

describe('the rates of a run', () => {
  it.each<[string, readonly Stretch[], readonly (number | null)[]]>([
    ['are gaps while nobody has told anything', [], [null, null, null, null]],
    ['are a gap where one sample stands alone', [stretch([1, 0])], [null, null, null, null]],
    ['are zero where somebody worked and nothing moved', [stretch([0, 0], [9, 0])], [0, null, null, null]],
    ['count what is inside a bucket', [stretch([0, 0], [10, 500])], [50, null, null, null]],
    [
      'spread what was done from one bucket into the next',
      [stretch([5, 0]), stretch([25, 2000])],
      [100, 100, 100, null],
    ],
    ['leave out the time that was not worked', [stretch([8, 0], [9, 70])], [70, null, null, null]],
    ['are the sum of items at work together', both(), [150, null, null, null]],
    ['keep items apart that go on from bucket to bucket', across(), [140, 150, 133.33, null]],
    ['count items one after the other as one time', inTurn(), [100, null, null, null]],
    ['have a gap for a pause', pausedUntil(20), [100, null, 50, null]],
    ['do not slow down for a pause inside a bucket', pausedUntil(5), [66.67, null, null, null]],
    ['are no noise when very little time was worked', [stretch([1, 0], [1.001, 10])], [50, null, null, null]],
    ['put what took no time where it happened', [stretch([12, 0], [12, 4])], [null, 20, null, null]],
  ])('%s', (_name, stretches, expected) => {
    expect(rowsOf(ratesOf(stretches, GRID))).toEqual(expected);
  });

  it('do not depend on the order of the stretches', () => {
    const stretches = [stretch([25, 2000]), stretch([5, 0])];
    expect(rowsOf(ratesOf(stretches, GRID))).toEqual([100, 100, 100, null]);
  });

  it('tell errors beside the rows', () => {
    const [first, second] = ratesOf([stretch([0, 0, 0], [10, 100, 5]), stretch([20, 100, 25])], GRID);
    expect([first, second]).toEqual([
      { rowsPerSecond: 10, errorsPerSecond: 0.5 },
      { rowsPerSecond: 0, errorsPerSecond: 2 },
    ]);
  });
});

function both(): readonly Stretch[] {
  return [stretch([0, 0], [10, 1000]), stretch([0, 0], [10, 500], ITEM_2)];
}

function across(): readonly Stretch[] {
  return [
    stretch([5, 0]),
    stretch([25, 2000]),
    stretch([6, 5000], [6, 5000], ITEM_2),
    stretch([26, 6000], [26, 6000], ITEM_2),
  ];
}

function inTurn(): readonly Stretch[] {
  return [stretch([0, 0], [5, 500]), stretch([5, 0], [10, 500], ITEM_2)];
}

/** At 100 rows/s for 2 s, and at 50 rows/s for 4 s after the pause. */
function pausedUntil(second: number): readonly Stretch[] {
  return [stretch([0, 0], [2, 200]), stretch([second, 200], [second + 4, 400], AGAIN)];
}

function rowsOf(rates: readonly Rate[]): (number | null)[] {
  return rates.map(({ rowsPerSecond }) => (rowsPerSecond === null ? null : Number(rowsPerSecond.toFixed(2))));
}

describe('the buckets of a run', () => {
  const T0 = Date.parse('2026-11-22T10:00:07.400Z');
  it.each([
    ['of a moment', 300, 1, 1],
    ['of a minute', 60_000, 1, 61],
    ['of ten minutes', 600_000, 10, 61],
    ['of eight hours', 8 * 3_600_000, 300, 97],
    ['of a month', 30 * 86_400_000, 43_200, 61],
    ['of years', 2_000 * 86_400_000, 17 * 86_400, 118],
  ])('%s are few and begin at round times', (_name, lengthMs, bucketS, count) => {
    const grid = gridOf(T0, T0 + lengthMs);
    expect(grid).toMatchObject({ bucketMs: bucketS * 1000, count });
    expect(grid.fromMs).toBeLessThanOrEqual(T0);
    expect(grid.fromMs % grid.bucketMs).toBe(0);
    expect(grid.count).toBeLessThanOrEqual(120);
  });
});
