import type { Eta } from '@astro/contracts';

/** What is remembered between two looks at the figures of a run or an item. Plain JSON; begin with {@link NO_PACE}. */
export interface Pace {
  /** Rows done at the last look. */
  readonly done: number;
  /** When that was; null before the first look, and after a pause: time that was not worked counts in no rate. */
  readonly atMs: number | null;
  /** When rows were last seen to move. */
  readonly movedAtMs: number | null;
  /** Moving average with a time constant of 30 s. */
  readonly rateRowsPerS: number | null;
  /** Moving average of how far single looks were from the rate. */
  readonly deviationRowsPerS: number;
  readonly samples: number;
  /** Seconds of work that the samples cover. */
  readonly workedS: number;
  /** The highest share told so far, in percent with one decimal; null while the total is not known. */
  readonly percent: number | null;
}

export const NO_PACE: Pace = {
  done: 0,
  atMs: null,
  movedAtMs: null,
  rateRowsPerS: null,
  deviationRowsPerS: 0,
  samples: 0,
  workedS: 0,
  percent: null,
};

export interface Look {
  readonly atMs: number;
  readonly done: number;
  readonly total: number | null;
}

const TIME_CONSTANT_S = 30;
/** Looks closer together than this are taken together: their rate would be noise. */
const SHORTEST_SAMPLE_S = 0.2;
/** All that can be told before everything is done. */
const ALMOST = 99.9;

/** Takes one look into account. */
export function paceAfter(before: Pace, { atMs, done, total }: Look): Pace {
  const percent = percentAfter(before.percent, done, total);
  const movedAtMs = before.movedAtMs === null || done > before.done ? atMs : before.movedAtMs;
  if (before.atMs === null) return { ...before, atMs, done, percent, movedAtMs };
  const seconds = (atMs - before.atMs) / 1000;
  if (seconds < SHORTEST_SAMPLE_S) return { ...before, percent };
  const rate = Math.max(0, done - before.done) / seconds;
  const rows = Math.max(done, before.done);
  const weight = weightOf(seconds, before.workedS);
  const average = before.rateRowsPerS === null ? rate : before.rateRowsPerS + weight * (rate - before.rateRowsPerS);
  const off = Math.abs(rate - average);
  return {
    atMs,
    done: rows,
    movedAtMs,
    percent,
    rateRowsPerS: average,
    deviationRowsPerS: before.deviationRowsPerS + weight * (off - before.deviationRowsPerS),
    samples: before.samples + 1,
    workedS: before.workedS + seconds,
  };
}

/**
 * How much a look counts against those before it. The first seconds count alike: a slow beginning, which every run has,
 * would else hold the rate down for the whole time constant.
 */
function weightOf(seconds: number, workedS: number): number {
  return Math.max(1 - Math.exp(-seconds / TIME_CONSTANT_S), seconds / (workedS + seconds));
}

/** The work rests: the time until the next look counts in no rate. */
export function paceAtRest(before: Pace): Pace {
  return { ...before, atMs: null, movedAtMs: null };
}

/**
 * Everything is done and verified: the only way to 100.
 * @param whole all of the work, where it is known to have gone on without a break; counts when it was too short for a sample
 */
export function paceWhenDone(before: Pace, whole: Pick<Pace, 'done' | 'workedS'> | null = null): Pace {
  return { ...paceAtRest(before), ...(before.samples === 0 ? whole : null), percent: 100 };
}

function percentAfter(before: number | null, done: number, total: number | null): number | null {
  if (total === null) return before;
  const share = total > 0 ? Math.floor((done / total) * 1000) / 10 : 0;
  return Math.max(before ?? 0, Math.min(ALMOST, Math.max(0, share)));
}

const MIN_WORKED_S = 15;
const MIN_SAMPLES = 3;
const STALLED_MS = 30_000;
/** However unsteady the rate, the band is not wider than up to this many times its middle. */
const MIN_RATE_SHARE = 0.25;

export interface EtaQuestion {
  readonly nowMs: number;
  readonly done: number;
  readonly total: number | null;
  readonly standing: 'waiting' | 'working' | 'paused' | 'ended';
}

const none = (reason: Eta['reason']): Eta => ({ band: null, reason });

/** The time that is left as a band from the spread of the rate, or why none can be told. */
export function etaOf(pace: Pace, { nowMs, done, total, standing }: EtaQuestion): Eta {
  if (standing !== 'working') return none(standing);
  if (pace.movedAtMs === null) return none('waiting');
  if (nowMs - pace.movedAtMs > STALLED_MS) return none('stalled');
  if (total === null) return none('counting');
  const left = total - done;
  if (left <= 0) return none('finishing');
  const rate = pace.rateRowsPerS ?? 0;
  if (pace.samples < MIN_SAMPLES || pace.workedS < MIN_WORKED_S || rate <= 0) return none('measuring');
  const slow = Math.max(rate - pace.deviationRowsPerS, rate * MIN_RATE_SHARE);
  const fast = rate + pace.deviationRowsPerS;
  const lowS = Math.max(1, Math.floor(left / fast));
  return { band: { lowS, highS: Math.max(lowS, Math.ceil(left / slow)) }, reason: null };
}
