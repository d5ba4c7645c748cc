import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  readonly timeoutMs: number;
  /** Pause between two looks. */
  readonly everyMs?: number;
}

/**
 * Looks until `look` gives something other than `undefined` or `false`.
 * @returns what it gave, or `undefined` when the time is over
 * @throws whatever `look` throws
 */
export async function until<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs, everyMs = 10 }: UntilOptions,
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() >= deadline) return undefined;
    await delay(everyMs);
  }
}
