/** How often each question is asked. */
export const ASKED = 40;

/** A whole number from 0 up to, but not including, `count`. */
export const chosen = (count: number): number => Math.floor(Math.random() * count);

export interface Measured {
  readonly name: string;
  readonly times: readonly number[];
  /** What 95 of 100 answers must not take longer than; absent: told, not judged. */
  readonly limitMs?: number;
  readonly remark?: string;
}

/** @returns how long each answer took in ms, shortest first */
export async function timed(ask: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < ASKED; i++) {
    const startedAtMs = performance.now();
    await ask();
    times.push(performance.now() - startedAtMs);
  }
  return times.sort((a, b) => a - b);
}

/** Prints a line. An answer that takes longer than it may makes the exit code 1. */
export function report({ name, times, limitMs, remark = '' }: Measured): void {
  const at = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)] ?? 0);
  const isMissed = limitMs !== undefined && at(0.95) > limitMs;
  if (isMissed) process.exitCode = 1;
  const verdict = limitMs === undefined ? '' : `${isMissed ? 'MISSED' : 'met'}: ≤ ${limitMs} ms`;
  console.log(
    `${name.padEnd(48)} p50 ${at(0.5)} ms  p95 ${at(0.95)} ms  max ${at(1)} ms  ${verdict}  ${remark}`.trimEnd(),
  );
}
