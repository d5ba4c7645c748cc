import { until } from '@astro/embedded';
import { BenchError } from '../errors.js';

const TIMEOUT_MS = 120_000;
const EVERY_MS = 5;

export interface WaitOptions {
  /** Pause between two looks, in milliseconds. */
  readonly everyMs?: number;
  readonly timeoutMs?: number;
}

/**
 * Looks until `look` gives something other than `undefined` or `false`.
 * @param what completes the sentence "… within 120 s", such as `the copy did not end`
 * @throws {BenchError} when the time is over
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  { everyMs = EVERY_MS, timeoutMs = TIMEOUT_MS }: WaitOptions = {},
): Promise<T> {
  const seen = await until(look, { timeoutMs, everyMs });
  if (seen === undefined) throw new BenchError(`${what} within ${timeoutMs / 1000} s`);
  return seen;
}

/** Milliseconds since 1970 with fractions, from a clock that does not jump: it follows the system's from the call on. */
export function startClock(): () => number {
  const tick = Date.now();
  let now = tick;
  while (now === tick) now = Date.now(); // a millisecond begins
  const offset = now - performance.now();
  return () => offset + performance.now();
}
