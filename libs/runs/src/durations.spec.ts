import { durationOf } from './previews.js';

/** A plan tells how long its run will take; most runs must keep to it. How many do is measured by `npm run bench`. */

const LEAST_SHARE = 0.8;
/** As many runs as the estimator looks back at. */
const REMEMBERED = 10;

type Recorded = readonly [
  dataSet: string,
  mode: 'full' | 'verify',
  rows: number,
  tookS: number,
  /** Rows per second that the plan itself saw; 0: none, because it only counted. */
  planRate: number,
  /** Rows per second that the run saw; 0: it was too short. */
  ownRate: number,
];

/** As `npm run bench -- --only time-told` recorded them on two cores with much else to do: the speed changes threefold. */
const RECORDED: readonly Recorded[] = [
  ['handful', 'full', 300, 0.907, 748, 342],
  ['thousands', 'full', 20_000, 2.8, 30_349, 7564],
  ['many', 'full', 250_000, 7.619, 103_734, 34_364],
  ['handful', 'verify', 300, 0.579, 0, 558],
  ['many', 'verify', 250_000, 2.845, 0, 92_902],
  ['many', 'full', 1000, 0.143, 8621, 0],
  ['many', 'verify', 1000, 0.135, 0, 0],
  ['handful', 'full', 300, 1.528, 580, 199],
  ['thousands', 'full', 20_000, 0.737, 47_393, 34_483],
  ['many', 'full', 250_000, 3.464, 232_558, 82_156],
  ['handful', 'verify', 300, 0.279, 0, 1181],
  ['many', 'verify', 250_000, 1.863, 0, 162_443],
  ['many', 'full', 1000, 0.091, 6993, 0],
  ['many', 'verify', 1000, 0.112, 0, 0],
  ['handful', 'full', 300, 1.214, 1049, 624],
  ['thousands', 'full', 20_000, 1.867, 25_707, 19_763],
  ['many', 'full', 250_000, 7.872, 97_125, 34_693],
  ['handful', 'verify', 300, 0.477, 0, 1463],
  ['many', 'verify', 250_000, 1.351, 0, 239_464],
  ['many', 'full', 1000, 0.084, 7299, 0],
];

interface Outcome {
  readonly rows: number;
  readonly tookS: number;
  readonly rates: readonly number[];
}

/** The share of runs that took as long as they were told to. Every one of them must have been told something. */
function shareHeld(outcomes: readonly Outcome[]): number {
  const told = outcomes.flatMap(({ rows, tookS, rates }) => {
    const band = durationOf(rows, rates);
    return band ? [tookS >= band.lowS && tookS <= band.highS] : [];
  });
  expect(told).toHaveLength(outcomes.length);
  return told.filter(Boolean).length / told.length;
}

/** A generator of the numbers from 0 to 1 that are always the same for a seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Runs of ever other sizes on a machine whose speed changes by `factor` up and down, a second of which no row counts for. */
function simulated(seed: number, factor: number): readonly Outcome[] {
  const next = numbers(seed);
  const usual = 10 ** (2 + 3 * next());
  const rates: number[] = [];
  return Array.from({ length: 21 }, () => {
    const rows = Math.ceil(usual * 10 ** (3 * next()));
    const rate = usual * factor ** (2 * next() - 1);
    const outcome = { rows, tookS: rows / rate + next(), rates: rates.slice(-REMEMBERED) };
    rates.push(rate);
    return outcome;
  }).slice(1);
}

it('SY-9 four of five recorded runs took as long as their plan had told', () => {
  const outcomes = RECORDED.flatMap(([dataSet, mode, rows, tookS, planRate], n) => {
    const before = RECORDED.slice(0, n).filter(([name, way]) => name === dataSet && way === mode);
    const past = before.map(([, , , , , ownRate]) => ownRate).filter((rate) => rate > 0);
    return past.length === 0 ? [] : [{ rows, tookS, rates: [...past.slice(-REMEMBERED), planRate] }];
  });
  expect(outcomes).toHaveLength(15);
  expect(shareHeld(outcomes)).toBeGreaterThanOrEqual(LEAST_SHARE);
});

it.each([1.2, 1.5, 2, 3])(
  'SY-9 four of five of 20 runs keep to it while the speed changes by a factor of %d',
  (factor) => {
    const shares = Array.from({ length: 200 }, (_, seed) => shareHeld(simulated(seed + 1, factor)));
    expect(shares.filter((share) => share < LEAST_SHARE)).toEqual([]);
  },
);
