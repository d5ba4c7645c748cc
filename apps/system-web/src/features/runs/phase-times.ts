import { type PhaseTime } from '@astro/web-ui';
import { type RunPhaseSpan } from '../../generated/index.js';

/** Of each phase when it began first, and for how long at least one data set was worked on in it. */
export function phaseTimes(spans: readonly RunPhaseSpan[]): readonly PhaseTime[] {
  const ordered = [...spans].sort((a, b) => Date.parse(a.from) - Date.parse(b.from));
  const times = new Map<PhaseTime['phase'], PhaseTime & { readonly untilMs: number }>();
  for (const { phase, from, to } of ordered) {
    const before = times.get(phase) ?? { phase, from, workedMs: 0, untilMs: -Infinity };
    const untilMs = Math.max(before.untilMs, Date.parse(to));
    const workedMs = before.workedMs + untilMs - Math.max(before.untilMs, Date.parse(from));
    times.set(phase, { ...before, workedMs: Math.max(before.workedMs, workedMs), untilMs });
  }
  return [...times.values()].map(({ phase, from, workedMs }) => ({ phase, from, workedMs }));
}
