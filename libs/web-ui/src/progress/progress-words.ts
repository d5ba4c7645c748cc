import { type Eta, type RunPhase, type RunProgress } from '@astro/contracts';
import { formatCount, formatPercent } from '../bits/format-number.js';
import { formatAge } from '../time/format-time.js';

/** What is known about something that moves; every figure as the server counted it. */
export interface ProgressFigures {
  /** A state of a run or of an item of it. */
  readonly status: string;
  readonly phase: RunPhase;
  /** 0 to 100; `null` while the total is not known. */
  readonly percent: number | null;
  readonly rowsRead: number;
  readonly rowsApplied: number;
  readonly rowsTotal: number | null;
  /** How much the total grew since the plan. */
  readonly rowsSincePlan?: number;
  /** Now; `null` until there are enough samples. */
  readonly rateRowsPerS: number | null;
  /** Time left as a band of seconds, or why there is none. */
  readonly eta: Eta;
  readonly errors: number;
  readonly retries: number;
  readonly rawBytes: number | null;
  readonly storedBytes: number | null;
  /** When the figures were counted, on the clock of this browser, in milliseconds; `null` before the first. */
  readonly updatedAtMs: number | null;
}

/** When an answer was made and received: the difference of the two clocks is then no matter. */
export interface AnswerClock {
  /** `asOf` of the answer; ISO 8601. */
  readonly asOf: string;
  /** `dataUpdatedAt` of the query; milliseconds since 1970. */
  readonly receivedAtMs: number;
}

/** The figures of a run, or of one data set of it, as the API tells them. */
export function figuresOf(status: string, progress: RunProgress, { asOf, receivedAtMs }: AnswerClock): ProgressFigures {
  const { updatedAt, ...figures } = progress;
  const updatedAtMs = updatedAt === null ? null : receivedAtMs - Math.max(0, Date.parse(asOf) - Date.parse(updatedAt));
  return { ...figures, status, updatedAtMs };
}

const LATE_AFTER_MS = 10_000;
const SILENT_AFTER_MS = 30_000;
const ENDED: ReadonlySet<string> = new Set([
  'succeeded',
  'succeeded_with_leftovers',
  'failed',
  'cancelled',
  'stopped_by_guard',
]);
/** Nothing moves in these, so no time left is told and no silence is bad. */
const RESTING: ReadonlySet<string> = new Set([...ENDED, 'planned', 'waiting', 'queued', 'paused']);

const NOT_BEGUN: ReadonlySet<string> = new Set(['planned', 'waiting_for_approval', 'waiting', 'queued']);

export function hasEnded(status: string): boolean {
  return ENDED.has(status);
}

/** How old the figures may get: `fresh`, `late` after 10 s, `silent` after 30 s. What rests is always fresh. */
export function heartbeatOf({ status, updatedAtMs }: ProgressFigures, nowMs: number): 'fresh' | 'late' | 'silent' {
  if (RESTING.has(status) || updatedAtMs === null) return 'fresh';
  const ageMs = nowMs - updatedAtMs;
  if (ageMs > SILENT_AFTER_MS) return 'silent';
  return ageMs > LATE_AFTER_MS ? 'late' : 'fresh';
}

/**
 * The percent to show: never back from `shownBefore`, never above 100, and 100 only when the work is done.
 * `null` while the total is not known.
 */
export function shownPercent({ percent, phase, status }: ProgressFigures, shownBefore: number | null): number | null {
  const isDone = phase === 'done' && (status === 'succeeded' || status === 'succeeded_with_leftovers');
  if (isDone) return 100;
  if (percent === null || !Number.isFinite(percent)) return shownBefore;
  return Math.min(99.9, Math.max(0, percent, shownBefore ?? 0));
}

/** Without a percent: is one to come soon? What waits for its turn counts nothing yet, what has ended nothing more. */
export function isCounting(status: string): boolean {
  return !hasEnded(status) && !NOT_BEGUN.has(status);
}

/** The percent in words, or why there is none. */
export function amountWords(status: string, percent: number | null): string {
  if (percent !== null) return formatPercent(percent);
  if (isCounting(status)) return 'counting…';
  return hasEnded(status) ? 'not counted' : 'not begun';
}

/** "about 4–6 min left", "finishing…", "no progress for 42 s"; empty when there is nothing honest to say. */
export function timeLeftWords(figures: ProgressFigures, nowMs: number): string {
  if (RESTING.has(figures.status)) return '';
  if (heartbeatOf(figures, nowMs) === 'silent') {
    return `no progress for ${formatAge(nowMs - (figures.updatedAtMs ?? nowMs))}`;
  }
  return etaWords(figures.eta);
}

function etaWords({ band, reason }: Eta): string {
  if (band) return bandWords(band.lowS, band.highS);
  if (reason === 'finishing') return 'finishing…';
  return reason === 'stalled' ? 'no progress just now' : '';
}

/** The unit follows the far end, and both ends are rounded to it. Never negative, never "0 s left". */
function bandWords(lowS: number, highS: number): string {
  if (!Number.isFinite(lowS) || !Number.isFinite(highS)) return '';
  if (highS < 1) return 'finishing…';
  const [unit, seconds] = unitFor(highS);
  const from = Math.round(Math.max(0, Math.min(lowS, highS)) / seconds);
  const to = Math.max(1, Math.round(highS / seconds));
  if (from >= to) return `about ${to} ${unit} left`;
  return from === 0 ? `less than ${to} ${unit} left` : `about ${from}–${to} ${unit} left`;
}

function unitFor(seconds: number): [unit: string, seconds: number] {
  if (seconds < 90) return ['s', 1];
  return seconds < 5_400 ? ['min', 60] : ['h', 3_600];
}

/** What a screen reader hears of the bar: "37 percent, applying orders, about 4 to 6 minutes left". */
export function valueText(figures: ProgressFigures, { percent, what, nowMs }: ValueTextInput): string {
  const amount = percent === null ? unknownAmount(figures) : percentWords(percent);
  const doing = hasEnded(figures.status) ? figures.status.replaceAll('_', ' ') : `${figures.phase} ${what}`;
  const left = spoken(timeLeftWords(figures, nowMs));
  return [amount, doing, left].filter(Boolean).join(', ');
}

function unknownAmount({ status, rowsRead }: ProgressFigures): string {
  return isCounting(status) ? `counting, ${formatCount(rowsRead)} rows read` : amountWords(status, null);
}

interface ValueTextInput {
  readonly percent: number | null;
  /** What moves: "orders", "3 data sets". */
  readonly what: string;
  readonly nowMs: number;
}

const percentWords = (percent: number): string => `${formatPercent(percent).replace(' %', '')} percent`;

function spoken(words: string): string {
  const long: Record<string, string> = { s: 'seconds', min: 'minutes', h: 'hours' };
  return words.replace('–', ' to ').replace(/ (s|min|h)( left)?$/, (_all, unit: string, left: string | undefined) => {
    return ` ${long[unit] ?? unit}${left ?? ''}`;
  });
}
