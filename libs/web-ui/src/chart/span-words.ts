import { type Tone } from '../status/status-words.js';
import { formatAbsolute, formatDuration, type TimeSettings } from '../time/format-time.js';

/** Something that takes its time: a data set of a run. */
export interface Span {
  readonly name: string;
  /** How it goes or went. */
  readonly word: string;
  readonly tone: Tone;
  /** ISO 8601; null when it has not begun. */
  readonly from: string | null;
  /** null while it goes on. */
  readonly to: string | null;
}

/** A span that has begun, in seconds since the first one began. */
export interface DrawnSpan extends Span {
  readonly beganS: number;
  readonly endedS: number;
}

/** More would be too thin to read; the table has all. */
export const MAX_DRAWN = 30;

/** Those that have begun, in that order; of many the longest. @param until what goes on is drawn up to here */
export function drawnSpans(spans: readonly Span[], until: string): readonly DrawnSpan[] {
  const begun = spans.flatMap((span) => (span.from === null ? [] : [{ ...span, fromMs: Date.parse(span.from) }]));
  const firstMs = Math.min(...begun.map(({ fromMs }) => fromMs));
  return begun
    .map(({ fromMs, ...span }) => {
      const beganS = (fromMs - firstMs) / 1000;
      return { ...span, beganS, endedS: Math.max(beganS, (Date.parse(span.to ?? until) - firstMs) / 1000) };
    })
    .sort((a, b) => b.endedS - b.beganS - (a.endedS - a.beganS))
    .slice(0, MAX_DRAWN)
    .sort((a, b) => a.beganS - b.beganS || a.name.localeCompare(b.name));
}

/** "12 s"; of what goes on "12 s so far". */
export function spanLength({ from, to }: Span, until: string): string {
  if (from === null) return '–';
  const length = formatDuration(Date.parse(to ?? until) - Date.parse(from));
  return to === null ? `${length} so far` : length;
}

export function spanBegin({ from }: Span, { display, zone, hours }: TimeSettings): string {
  if (from === null) return 'not begun';
  return formatAbsolute(Date.parse(from), { zone: display === 'utc' ? 'UTC' : zone, hours });
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];
const MAX_PARTS = 6;

/** Round lengths from zero to the first that is not before `lastS`: at most seven, unless it takes a week. */
export function lengthTicks(lastS: number): number[] {
  const step = STEPS_S.find((seconds) => lastS / seconds <= MAX_PARTS) ?? 86_400;
  return Array.from({ length: Math.max(1, Math.ceil(lastS / step)) + 1 }, (_, index) => index * step);
}
