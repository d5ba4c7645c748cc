const DAY_MS = 86_400_000;

/** How instants are shown; chosen in the header and under Me. */
export interface TimeSettings {
  /** `relative` is relative for a day and absolute in the person's zone beyond; the others are always absolute. */
  readonly display: 'zone' | 'utc' | 'relative';
  /** IANA name, such as `Europe/Madrid`. */
  readonly zone: string;
  readonly hours: 12 | 24;
}

/** The zone of this browser, with 24 hours. */
export function browserTimeSettings(): TimeSettings {
  return { display: 'relative', zone: Intl.DateTimeFormat().resolvedOptions().timeZone, hours: 24 };
}

/** A length as one number for people: "2 s", "3 min", "5 h", "2 d". Never negative. */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A length to the second: "420 ms", "12 s", "4 min 07 s", "1 h 04 min 12 s". Never negative. */
export function formatDuration(lengthMs: number): string {
  if (lengthMs < 1_000) return `${Math.max(0, Math.round(lengthMs))} ms`;
  const total = Math.floor(lengthMs / 1000);
  const hours = Math.floor(total / 3_600);
  const minutes = Math.floor((total % 3_600) / 60);
  const seconds = total % 60;
  if (hours > 0) return `${hours} h ${twoDigits(minutes)} min ${twoDigits(seconds)} s`;
  if (minutes > 0) return `${minutes} min ${twoDigits(seconds)} s`;
  return `${seconds} s`;
}

/** "3 min ago", or "in 3 min" for an instant to come; "now" within a second. */
export function formatRelative(atMs: number, nowMs: number): string {
  const ageMs = nowMs - atMs;
  if (Math.abs(ageMs) < 1_000) return 'now';
  return ageMs > 0 ? `${formatAge(ageMs)} ago` : `in ${formatAge(-ageMs)}`;
}

/** `2026-11-22 14:02:11 CET`, or with 12 hours `2026-11-22 02:02:11 PM CET`. */
export function formatAbsolute(atMs: number, { zone, hours }: Pick<TimeSettings, 'zone' | 'hours'>): string {
  const part = partsOf(atMs, zone, hours);
  const time = `${part('hour')}:${part('minute')}:${part('second')}`;
  const half = hours === 12 ? ` ${part('dayPeriod').toUpperCase()}` : '';
  return `${part('year')}-${part('month')}-${part('day')} ${time}${half} ${part('timeZoneName')}`;
}

/** What is shown in the place of an instant. */
export function formatInstant(atMs: number, settings: TimeSettings, nowMs: number): string {
  if (settings.display === 'utc') return formatAbsolute(atMs, { zone: 'UTC', hours: settings.hours });
  const isNear = Math.abs(nowMs - atMs) < DAY_MS;
  if (settings.display === 'relative' && isNear) return formatRelative(atMs, nowMs);
  return formatAbsolute(atMs, settings);
}

/** Both the person's zone and UTC. */
export function formatTooltip(atMs: number, settings: TimeSettings): string {
  const own = formatAbsolute(atMs, settings);
  const utc = formatAbsolute(atMs, { zone: 'UTC', hours: settings.hours });
  return own === utc ? utc : `${own}\n${utc}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Formatters are costly to make, and tables need hundreds of times the same one. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function partsOf(atMs: number, zone: string, hours: 12 | 24): (type: Intl.DateTimeFormatPartTypes) => string {
  const key = `${zone} ${hours}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = createFormatter(zone, hours);
    formatters.set(key, formatter);
  }
  const parts = formatter.formatToParts(atMs);
  return (type) => parts.find((part) => part.type === type)?.value ?? '';
}

function createFormatter(zone: string, hours: 12 | 24): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: hours === 12 ? 'h12' : 'h23',
    timeZoneName: 'short',
  });
}
