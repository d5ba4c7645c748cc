import { formatDuration } from './format-time.js';

/** A length of time, such as "1 h 04 min 12 s"; a dash when there is none. */
export function Duration({ ms }: { readonly ms: number | null | undefined }) {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return <span>–</span>;
  return <time dateTime={`PT${(Math.max(0, ms) / 1000).toFixed(3)}S`}>{formatDuration(ms)}</time>;
}
