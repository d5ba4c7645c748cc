import { type RunMode } from '@astro/contracts';

/** A mode as a name and what it does, for people. */
export const MODE_WORDS: Readonly<Record<RunMode, { readonly name: string; readonly does: string }>> = {
  incremental: { name: 'Incremental', does: 'Brings over everything that is pending.' },
  full: {
    name: 'Full copy',
    does: 'Copies all rows beside the live stream and removes what the source no longer has.',
  },
  verify: { name: 'Verify', does: 'Compares both sides and reports what differs; writes nothing.' },
  repair: { name: 'Repair', does: 'Compares both sides, then mends what differs.' },
};

/** The name of a mode that the API gives as text. */
export function modeName(mode: string): string {
  return Object.hasOwn(MODE_WORDS, mode) ? MODE_WORDS[mode as RunMode].name : mode;
}

const NAMED = 3;

/** "orders, bookings", and from the fourth on "orders, bookings, launches and 4 more". */
export function scopeWords(dataSets: readonly string[]): string {
  const more = dataSets.length - NAMED;
  const named = dataSets.slice(0, NAMED).join(', ');
  return more > 0 ? `${named} and ${more} more` : named;
}

/** What moves, for the name of a progress bar: "orders", "3 data sets". */
export function whatMoves(dataSets: readonly string[]): string {
  return dataSets.length === 1 ? (dataSets[0] ?? '') : `${dataSets.length} data sets`;
}

/** "about 4–6 min", "about 20 s"; "not known" when no rate was ever measured. */
export function durationWords(band: { readonly lowS: number; readonly highS: number } | null): string {
  if (!band) return 'not known';
  if (band.highS < 1) return 'less than 1 s';
  const [unit, seconds] = unitFor(band.highS);
  const from = Math.round(band.lowS / seconds);
  const to = Math.max(1, Math.round(band.highS / seconds));
  if (from >= to) return `about ${to} ${unit}`;
  return from === 0 ? `less than ${to} ${unit}` : `about ${from}–${to} ${unit}`;
}

function unitFor(seconds: number): [unit: string, seconds: number] {
  if (seconds < 90) return ['s', 1];
  return seconds < 5_400 ? ['min', 60] : ['h', 3_600];
}
