import { NO_PACE, etaOf, paceAfter, paceAtRest, paceWhenDone, type Look, type Pace } from './pace.js';

/** Looks once a second: rows done after each second. */
function seconds(done: readonly number[], total: number | null, fromMs = 0, start: Pace = NO_PACE): Pace {
  return done.reduce((pace, rows, index) => paceAfter(pace, { atMs: fromMs + index * 1000, done: rows, total }), start);
}

const steady = (count: number, perSecond: number) => Array.from({ length: count }, (_, index) => index * perSecond);
const working = (nowMs: number, done: number, total: number | null) =>
  ({ nowMs, done, total, standing: 'working' }) as const;

describe('the time that is left', () => {
  it('is a narrow band at a constant rate', () => {
    const pace = seconds(steady(31, 100), 10_000);
    const { band } = etaOf(pace, working(30_000, 3000, 10_000));
    expect(band?.lowS).toBeGreaterThanOrEqual(68);
    expect(band?.highS).toBeLessThanOrEqual(72);
  });

  it('is a wide band when the rate is unsteady', () => {
    const bursts = Array.from({ length: 41 }, (_, index) => Math.floor(index / 5) * 500);
    const { band } = etaOf(seconds(bursts, 10_000), working(40_000, 4000, 10_000));
    expect(band).not.toBeNull();
    expect((band?.highS ?? 0) / (band?.lowS ?? 1)).toBeGreaterThan(2);
  });

  it.each<[string, Pace, Parameters<typeof etaOf>[1], string]>([
    ['nothing has begun', NO_PACE, working(0, 0, 100), 'waiting'],
    ['the total is not known', seconds(steady(31, 10), null), working(30_000, 300, null), 'counting'],
    ['too little was seen', seconds(steady(10, 10), 1000), working(9000, 90, 1000), 'measuring'],
    ['one chunk came and no more', seconds([0, 500], 1000), working(1000, 500, 1000), 'measuring'],
    ['nothing came for a while', seconds(steady(31, 10), 1000), working(60_001, 300, 1000), 'stalled'],
    ['all rows are through', seconds(steady(31, 10), 300), working(30_000, 300, 300), 'finishing'],
    ['there are no rows', seconds([0], 0), working(0, 0, 0), 'finishing'],
    ['it rests', paceAtRest(seconds(steady(31, 10), 1000)), { ...working(0, 0, 1), standing: 'paused' }, 'paused'],
    ['it is over', paceWhenDone(NO_PACE), { ...working(0, 0, 1), standing: 'ended' }, 'ended'],
  ])('is not told when %s', (_name, pace, question, reason) => {
    expect(etaOf(pace, question)).toEqual({ band: null, reason });
  });

  it('follows the rate soon although the first look saw nothing move', () => {
    const begun = [0, 0, ...steady(10, 1000).map((rows) => rows + 1000)];
    expect(seconds(begun, 100_000).rateRowsPerS).toBeGreaterThan(850);
  });

  it('does not count the time of a pause', () => {
    const before = seconds(steady(21, 100), 100_000);
    const after = seconds(
      steady(11, 100).map((rows) => 2000 + rows),
      100_000,
      3_600_000,
      paceAtRest(before),
    );
    expect(after.rateRowsPerS).toBeCloseTo(100, 5);
    expect(after.workedS).toBeCloseTo(30, 5);
  });

  it('is told again soon after a stall', () => {
    const stalled = seconds([...steady(21, 100), ...Array.from({ length: 40 }, () => 2000)], 10_000);
    expect(etaOf(stalled, working(60_000, 2000, 10_000)).reason).toBe('stalled');
    const again = paceAfter(stalled, { atMs: 61_000, done: 2100, total: 10_000 });
    expect(etaOf(again, working(61_000, 2100, 10_000)).band).not.toBeNull();
  });
});

describe('the percent', () => {
  it('is held when the total grows', () => {
    const half = seconds([0, 500], 1000);
    expect(half.percent).toBe(50);
    expect(paceAfter(half, { atMs: 2000, done: 510, total: 2000 }).percent).toBe(50);
  });

  it('is not known before the total is', () => {
    expect(seconds([0, 500], null).percent).toBeNull();
  });

  it('is below 100 until done, even when more came than was counted', () => {
    expect(seconds([0, 5000], 1000).percent).toBe(99.9);
    expect(seconds([0], 0).percent).toBe(0);
    expect(paceWhenDone(NO_PACE).percent).toBe(100);
  });

  it('never goes back, never passes 100 and is 100 only when done, whatever happens', () => {
    const random = mulberry(7);
    for (let round = 0; round < 300; round++) {
      let pace = NO_PACE;
      let look: Look = { atMs: 0, done: 0, total: null };
      for (let step = 0; step < 40; step++) {
        look = nextLook(look, random);
        const before = pace.percent ?? 0;
        pace = random() < 0.1 ? paceAtRest(pace) : paceAfter(pace, look);
        expect(pace.percent ?? 0).toBeGreaterThanOrEqual(before);
        expect(pace.percent ?? 0).toBeLessThan(100);
        expectSound(etaOf(pace, working(look.atMs + random() * 40_000, look.done, look.total)));
      }
      expect(paceWhenDone(pace).percent).toBe(100);
    }
  });
});

/** Time goes on, rows grow or a takeover counts again, totals come, grow, shrink and go. */
function nextLook({ atMs, done, total }: Look, random: () => number): Look {
  const grown = random() < 0.05 ? Math.floor(done * random()) : done + Math.floor(random() * 1000);
  const counted = random() < 0.7 ? total : random() < 0.2 ? null : Math.floor(random() * 20_000);
  return { atMs: atMs + Math.floor(random() * 5000), done: grown, total: counted };
}

function expectSound({ band, reason }: ReturnType<typeof etaOf>): void {
  if (!band) return expect(reason).not.toBeNull();
  expect(reason).toBeNull();
  expect(Number.isSafeInteger(band.lowS) && Number.isSafeInteger(band.highS)).toBe(true);
  expect(band.lowS).toBeGreaterThanOrEqual(1);
  expect(band.highS).toBeGreaterThanOrEqual(band.lowS);
}

/** Small seeded random numbers, so that a failure can be seen again. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
