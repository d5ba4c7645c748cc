const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * An instant of an address, `now-6h` or ISO 8601, as ISO 8601 in UTC. `now` is rounded down to 10 s, so that the same
 * address is the same question for a while.
 */
export function isoOfInstant(instant: string, nowMs: number): string {
  const relative = /^now(?:-(\d+)([mhd]))?$/.exec(instant);
  if (!relative) return new Date(instant).toISOString();
  const [, amount, unit] = relative;
  const backMs = amount === undefined ? 0 : Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return new Date(Math.floor(nowMs / 10_000) * 10_000 - backMs).toISOString();
}
