const MACROS: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const DAY_NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
] as const;

interface Fields {
  readonly minute: string;
  readonly hour: string;
  readonly dayOfMonth: string;
  readonly month: string;
  readonly dayOfWeek: string;
}

/**
 * A cron rule in words: "every day at 02:30", "every 15 minutes", "on Monday to Friday at 06:00".
 * `null` for a rule that is beyond these words: then its next instants say when it is due.
 */
export function cronWords(cron: string): string | null {
  const rule = cron.trim();
  const parts = (MACROS[rule.toLowerCase()] ?? rule).split(/\s+/);
  if (parts.length === 6) {
    const [second = '', ...others] = parts;
    return second === '0' ? wordsOf(others) : secondWords(second, others);
  }
  return wordsOf(parts);
}

function secondWords(second: string, others: readonly string[]): string | null {
  if (others.some((field) => field !== '*')) return null;
  return second === '*' ? 'every second' : everyWords(second, 'second');
}

function wordsOf(parts: readonly string[]): string | null {
  const [minute, hour, dayOfMonth, month, dayOfWeek, ...more] = parts;
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek || more.length > 0) return null;
  const fields = { minute, hour, dayOfMonth, month, dayOfWeek };
  const days = dayWords(fields);
  const times = timeWords(fields);
  if (days === null || times === null) return null;
  if (times.isOfDay) return `${days || 'every day'} at ${times.words}`;
  return days ? `${times.words}, ${days}` : times.words;
}

/** When within a day. */
function timeWords({ minute, hour }: Fields): { readonly words: string; readonly isOfDay: boolean } | null {
  const within = withinHours(minute, hour);
  if (within !== null) return { words: within, isOfDay: false };
  const atMinute = numberIn(minute, 0, 59);
  const atHours = hour.split(',').map((part) => numberIn(part, 0, 23));
  if (atMinute === null || atHours.some((at) => at === null)) return null;
  const times = atHours.map((at) => `${twoDigits(at ?? 0)}:${twoDigits(atMinute)}`);
  return { words: listed(times), isOfDay: true };
}

/** Rules that repeat within a day. */
function withinHours(minute: string, hour: string): string | null {
  if (hour === '*') {
    if (minute === '*') return 'every minute';
    const at = numberIn(minute, 0, 59);
    return at === null ? everyWords(minute, 'minute') : `every hour at minute ${at}`;
  }
  const every = hour.startsWith('*/') ? everyWords(hour, 'hour') : null;
  const at = numberIn(minute, 0, 59);
  return every === null || at === null ? null : `${every} at minute ${at}`;
}

/** On which days; empty for every day. */
function dayWords({ dayOfMonth, month, dayOfWeek }: Fields): string | null {
  if (dayOfMonth === '*' && month === '*') return dayOfWeek === '*' ? '' : weekWords(dayOfWeek);
  const day = numberIn(dayOfMonth, 1, 31);
  if (dayOfWeek !== '*' || day === null) return null;
  if (month === '*') return `on day ${day} of every month`;
  const at = numberIn(month, 1, 12);
  return at === null ? null : `every year on ${day} ${MONTHS[at - 1] ?? ''}`;
}

function weekWords(dayOfWeek: string): string | null {
  const parts = dayOfWeek.split(',').map((part) => {
    const ends = part.split('-').map(dayName);
    if (ends.length > 2 || ends.includes(null)) return null;
    return ends.join(' to ');
  });
  return parts.includes(null) ? null : `on ${listed(parts.map(String))}`;
}

function dayName(text: string): string | null {
  const index = DAY_NAMES.indexOf(text.toUpperCase());
  const number = index >= 0 ? index : numberIn(text, 0, 7);
  return number === null ? null : (DAYS[number] ?? null);
}

/** `*` with a step; every one of the unit for a step of 1. */
function everyWords(field: string, unit: string): string | null {
  const step = /^\*\/(\d{1,2})$/.exec(field)?.[1];
  if (step === undefined || Number(step) < 1) return null;
  return Number(step) === 1 ? `every ${unit}` : `every ${Number(step)} ${unit}s`;
}

function numberIn(text: string, least: number, most: number): number | null {
  if (!/^\d{1,2}$/.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= most ? value : null;
}

function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');
