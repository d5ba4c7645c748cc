const PERCENTS = [45, 100, 70, 30, 85] as const;

/**
 * The colour of a part of a span: as dark as its place among the names tells, so that those that follow each other
 * differ. It is not transparent: nothing shines through.
 * @param names of all parts, in order
 */
export function partColor(color: string, names: readonly string[], name: string): string {
  const percent = PERCENTS[names.indexOf(name) % PERCENTS.length] ?? 100;
  return `color-mix(in srgb, ${color} ${percent}%, var(--mantine-color-body))`;
}
