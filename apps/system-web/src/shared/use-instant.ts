import { useNow } from '@astro/web-ui';
import { isoOfInstant } from './instants.js';

const MINUTE_MS = 60_000;

/**
 * An instant of an address as ISO 8601 in UTC. A relative one moves on every minute, so that a page that stays open
 * does not ask a new question every second.
 */
export function useInstant(instant: string | undefined): string | undefined {
  const minuteMs = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  return instant === undefined ? undefined : isoOfInstant(instant, minuteMs);
}
