import { RUN_PHASES, type RunPhase } from '@astro/contracts';
import type { Grid } from './series-rates.js';

/** A data set was worked on in one phase. Instants are Unix times in ms. */
export interface PhaseSpan {
  readonly dataSet: string;
  readonly phase: RunPhase;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Rests that are too short to be seen are left out, so that the number of spans is bounded.
 * @param spans of each data set together, oldest first
 * @param leastGapMs rests shorter than this join what is before and after them, when that is the same phase
 */
export function joinedSpans(spans: readonly PhaseSpan[], leastGapMs: number): readonly PhaseSpan[] {
  const joined: PhaseSpan[] = [];
  for (const span of spans) {
    const before = joined.at(-1);
    const isSame = before?.dataSet === span.dataSet && before.phase === span.phase;
    if (isSame && span.fromMs - before.toMs < leastGapMs) joined[joined.length - 1] = { ...before, toMs: span.toMs };
    else joined.push(span);
  }
  return joined;
}

/** Bucket by bucket the phase that the slowest data set at work was in for the longest time; null: nobody worked. */
export function phasesOf(spans: readonly PhaseSpan[], grid: Grid): readonly (RunPhase | null)[] {
  const lengths = Array.from({ length: grid.count }, () => RUN_PHASES.map(() => 0));
  for (const { order, fromMs, toMs } of slowestOf(spans)) {
    const first = Math.max(0, Math.floor((fromMs - grid.fromMs) / grid.bucketMs));
    for (let index = first; index < grid.count; index += 1) {
      const startMs = grid.fromMs + index * grid.bucketMs;
      if (startMs >= toMs) break;
      const length = lengths[index];
      if (length) length[order] = (length[order] ?? 0) + within({ fromMs, toMs }, startMs, startMs + grid.bucketMs);
    }
  }
  return lengths.map((length) => {
    const longest = Math.max(...length);
    return longest > 0 ? (RUN_PHASES[length.indexOf(longest)] ?? null) : null;
  });
}

interface Band {
  /** Place of the phase in `RUN_PHASES`. */
  readonly order: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The time of all together, cut wherever one begins or ends, with the earliest phase that one of them is in. */
function slowestOf(spans: readonly PhaseSpan[]): readonly Band[] {
  const edges = spans.flatMap(({ phase, fromMs, toMs }) => {
    const order = RUN_PHASES.indexOf(phase);
    return [
      { atMs: fromMs, order, by: 1 },
      { atMs: toMs, order, by: -1 },
    ];
  });
  edges.sort((a, b) => a.atMs - b.atMs);
  const working = RUN_PHASES.map(() => 0);
  return edges.flatMap(({ atMs, order, by }, index) => {
    working[order] = (working[order] ?? 0) + by;
    const slowest = working.findIndex((count) => count > 0);
    const toMs = edges[index + 1]?.atMs ?? atMs;
    return slowest === -1 || toMs === atMs ? [] : [{ order: slowest, fromMs: atMs, toMs }];
  });
}

function within({ fromMs, toMs }: Pick<Band, 'fromMs' | 'toMs'>, startMs: number, endMs: number): number {
  return Math.max(0, Math.min(toMs, endMs) - Math.max(fromMs, startMs));
}
