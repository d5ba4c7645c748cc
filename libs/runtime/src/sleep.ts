import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits, and stops waiting when `signal` aborts. Never rejects.
 * @returns true after the whole time, false when aborted
 */
export async function abortableSleep(ms: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return false;
  try {
    await wait(ms, undefined, signal ? { signal } : {});
    return true;
  } catch {
    return false;
  }
}
