const SHARES = [0.5, 1, 0.75, 0.3, 0.9] as const;

/**
 * How high a part of a span is drawn, as a share of the bar: by its place among the names, so that those that follow each
 * other differ, whatever colours a person tells apart.
 * @param names of all parts, in order
 */
export function partShare(names: readonly string[], name: string): number {
  return SHARES[names.indexOf(name) % SHARES.length] ?? 1;
}
