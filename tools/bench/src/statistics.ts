/** @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

/**
 * The smallest value that at least `percent` of 100 values do not exceed (nearest rank): one that was really measured.
 * @param values at least one
 */
export function percentile(values: readonly number[], percent: number): number {
  return at(ascending(values), Math.max(0, Math.ceil((percent / 100) * values.length) - 1));
}

function ascending(values: readonly number[]): readonly number[] {
  if (values.length === 0) throw new RangeError('there are no values');
  return [...values].sort((a, b) => a - b);
}

function at(values: readonly number[], index: number): number {
  return values[index] as number;
}
