import { CronExpressionParser } from 'cron-parser';

/** @returns what is wrong with the expression, or null. Five fields, or six with seconds first; macros such as @daily. */
export function cronFault(cron: string): string | null {
  const text = cron.trim();
  const fields = text.split(/\s+/).length;
  if (!text.startsWith('@') && (fields < 5 || fields > 6)) {
    return `it has ${text === '' ? 0 : fields} fields instead of five (minute hour day month weekday)`;
  }
  try {
    CronExpressionParser.parse(text, { tz: 'UTC' }).next();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** True for names that this Node knows, such as UTC or Europe/Madrid. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Every time zone name, for "did you mean". */
export function timeZones(): readonly string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')];
}
