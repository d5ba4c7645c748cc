const OPACITIES = [0.45, 1, 0.7, 0.3, 0.85] as const;

/** How dark a part of a span is drawn: those that follow each other differ. @param names of all parts, in order */
export function partOpacity(names: readonly string[], name: string): number {
  return OPACITIES[names.indexOf(name) % OPACITIES.length] ?? 1;
}
