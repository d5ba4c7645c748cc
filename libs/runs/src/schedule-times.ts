import { CronExpressionParser } from 'cron-parser';

/** When something happens again and again. */
export interface ScheduleRule {
  /** Five fields, six with seconds first, or a macro such as `@daily`. */
  readonly cron: string;
  /** Such as Europe/Madrid. */
  readonly timeZone: string;
}

/**
 * The next instants strictly after `after`, earliest first. Where clocks are put forward, a time of day that does not
 * exist is moved behind the gap; where they are put back, one that comes twice is kept the first time. What repeats
 * within the hour goes on through both.
 */
export function nextTimes({ cron, timeZone }: ScheduleRule, after: Date, count: number): readonly Date[] {
  const times = CronExpressionParser.parse(cron.trim(), { tz: timeZone, currentDate: after });
  return Array.from({ length: count }, () => times.next().toDate());
}
