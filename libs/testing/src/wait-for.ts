import { until } from '@astro/embedded';

export interface WaitForOptions {
  /** Default 20 000. */
  readonly timeoutMs?: number;
  /** What is waited for, for the error: "the lane to reach the last commit". */
  readonly what: string;
}

/**
 * Looks every 20 ms until `condition` gives something other than `undefined` or `false`.
 * A condition that throws counts as not met yet, so that it may ask a server that is just starting.
 * @returns what the condition gave
 * @throws when the time is over; says what was waited for and the last error of the condition
 */
export async function waitFor<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 20_000, what }: WaitForOptions,
): Promise<T> {
  let lastError: unknown;
  const look = async () => {
    try {
      lastError = undefined;
      const met = await condition();
      return met === undefined || met === false ? undefined : { met };
    } catch (error) {
      lastError = error;
      return undefined;
    }
  };
  const seen = await until(look, { timeoutMs, everyMs: 20 });
  if (seen) return seen.met;
  const reason = lastError === undefined ? '' : ` The last look failed: ${messageOf(lastError)}`;
  throw new Error(`Waited ${timeoutMs} ms for ${what}, in vain.${reason}`, { cause: lastError });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : JSON.stringify(error);
}
