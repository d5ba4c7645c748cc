const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** How long to wait before a program that died for the `deaths`-th time in a row (from 0) starts again. */
export function restartDelayMs(deaths: number): number {
  return Math.min(FIRST_MS * 2 ** deaths, LONGEST_MS);
}
