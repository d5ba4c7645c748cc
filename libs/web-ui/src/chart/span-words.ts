import { type Tone } from '../status/status-words.js';
import { formatDuration, type TimeSettings } from '../time/format-time.js';
import { pointName } from './chart-words.js';

/** Something that takes its time: a data set of a run. */
export interface Span {
  /** No two have the same. */
  readonly name: string;
  /** How it goes or went. */
  readonly word: string;
  readonly tone: Tone;
  /** ISO 8601; null when it has not begun. */
  readonly from: string | null;
  /** null until it has ended. */
  readonly to: string | null;
  /** What it did when, oldest first; between them it rested. None: nothing is known but its begin and its end. */
  readonly parts: readonly SpanPart[];
}

/** ISO 8601, both. */
export interface SpanPart {
  readonly word: string;
  readonly from: string;
  readonly to: string;
}

/** A span that has begun, in seconds since the first one began. */
export interface DrawnSpan extends Span {
  readonly beganS: number;
  readonly endedS: number;
  readonly drawnParts: readonly DrawnPart[];
}

export interface DrawnPart {
  readonly word: string;
  readonly beganS: number;
  readonly endedS: number;
}

/** More would be too thin to read; the table has all. */
const MAX_DRAWN = 30;

/**
 * Those that have begun, in that order. Of many the ones to look at first: not ended, not ended well, then the longest.
 * @param until what goes on is drawn up to here
 */
export function drawnSpans(spans: readonly Span[], until: string): readonly DrawnSpan[] {
  const begun = begunSpans(spans);
  const firstMs = Math.min(...begun.map(({ fromMs }) => fromMs));
  const secondsAt = (instant: string) => (Date.parse(instant) - firstMs) / 1000;
  return begun
    .map(({ fromMs, ...span }) => {
      const beganS = (fromMs - firstMs) / 1000;
      const endedS = Math.max(beganS, secondsAt(span.to ?? until));
      const within = (instant: string) => Math.min(endedS, Math.max(beganS, secondsAt(instant)));
      const drawnParts = span.parts.map(({ word, from, to }) => ({ word, beganS: within(from), endedS: within(to) }));
      return { ...span, beganS, endedS, drawnParts };
    })
    .sort((a, b) => importance(b) - importance(a) || b.endedS - b.beganS - (a.endedS - a.beganS))
    .slice(0, MAX_DRAWN)
    .sort((a, b) => a.beganS - b.beganS || a.name.localeCompare(b.name));
}

function begunSpans(spans: readonly Span[]) {
  return spans.flatMap((span) => (span.from === null ? [] : [{ ...span, fromMs: Date.parse(span.from) }]));
}

function importance({ to, tone }: Span): number {
  if (to === null) return 2;
  return tone === 'green' ? 0 : 1;
}

/** Said when not all that have begun are drawn; else empty. */
export function leftOutWords(spans: readonly Span[]): string {
  const { length } = begunSpans(spans);
  return length > MAX_DRAWN ? ` ${MAX_DRAWN} of ${length} are drawn; the table has all.` : '';
}

/** "12 s"; of what goes on "12 s so far". */
export function spanLength({ from, to }: Span, until: string): string {
  if (from === null) return '–';
  const length = formatDuration(Date.parse(to ?? until) - Date.parse(from));
  return to === null ? `${length} so far` : length;
}

/** "2026-11-22 14:02:00 CET". */
export function spanBegin({ from }: Span, settings: TimeSettings): string {
  return from === null ? 'not begun' : pointName(from, 'time', settings);
}

/** "comparing 2 s, applying 1 min 05 s", each word once; "–" when nothing is known. */
export function partWords({ parts }: Span): string {
  const lengths = new Map<string, number>();
  for (const { word, from, to } of parts) {
    lengths.set(word, (lengths.get(word) ?? 0) + Date.parse(to) - Date.parse(from));
  }
  return [...lengths].map(([word, lengthMs]) => `${word} ${formatDuration(lengthMs)}`).join(', ') || '–';
}

/** The words of all parts, in the order in which they first come. */
export function partNames(spans: readonly Span[]): readonly string[] {
  return [...new Set(spans.flatMap(({ parts }) => parts.map(({ word }) => word)))];
}

/** What is read out of one; nothing that changes while it goes on, which would be read out every second. */
export function spanWords(span: Span, settings: TimeSettings): string {
  const took = span.from !== null && span.to !== null ? `, took ${spanLength(span, span.to)}` : '';
  const parts = took && span.parts.length > 0 ? `: ${partWords(span)}` : '';
  return `${span.name}: ${span.word}, began ${spanBegin(span, settings)}${took}${parts}`;
}

const DAY_S = 86_400;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, DAY_S];
const MAX_PARTS = 6;

/** Round lengths from zero to the first that is not before `lastS`: at most seven. */
export function lengthTicks(lastS: number): number[] {
  const step = STEPS_S.find((seconds) => lastS / seconds <= MAX_PARTS) ?? Math.ceil(lastS / DAY_S / MAX_PARTS) * DAY_S;
  return Array.from({ length: Math.max(1, Math.ceil(lastS / step)) + 1 }, (_, index) => index * step);
}

/** For the ticks of an axis: "1 min 30 s", "2 h", from two days on "48 h". */
export function lengthName(seconds: number): string {
  return seconds === 0 ? '0' : formatDuration(seconds * 1000).replace(/ 00 (min|s)/g, '');
}

const NAME_CHARACTERS = 14;

/** For the little room beside an axis; the table has the whole name. */
export function shortName(name: string): string {
  const characters = [...name];
  return characters.length <= NAME_CHARACTERS ? name : `${characters.slice(0, NAME_CHARACTERS - 1).join('')}…`;
}
