import type { Random } from '../support/random.js';

export type Blow =
  | { readonly kind: 'kill'; readonly worker: 0 | 1 | 'capturing' | 'both' }
  | { readonly kind: 'flush cache' | 'flush queue' | 'crash OperationsDB' | 'crash SystemDB' };

/** A blow that falls when this many changes have been committed. */
export interface PlannedBlow {
  readonly atChange: number;
  readonly blow: Blow;
}

const CHANGES_BETWEEN_KILLS = { from: 800, to: 2500 };
const WORKERS = [0, 1, 'capturing', 'capturing', 'both'] as const;

/** Workers are killed again and again, each Redis is flushed once, each database crashes once. */
export function planBlows(random: Random, totalChanges: number): readonly PlannedBlow[] {
  const blows: PlannedBlow[] = [];
  const { from, to } = CHANGES_BETWEEN_KILLS;
  for (let at = random.between(from, to); at < totalChanges; at += random.between(from, to)) {
    const worker = blows.length === 0 ? 'capturing' : random.pick(WORKERS);
    blows.push({ atChange: at, blow: { kind: 'kill', worker } });
  }
  for (const kind of ['flush cache', 'flush queue', 'crash OperationsDB', 'crash SystemDB'] as const) {
    const atChange = random.between(Math.round(totalChanges * 0.2), Math.round(totalChanges * 0.85));
    blows.push({ atChange, blow: { kind } });
  }
  return blows.sort((a, b) => a.atChange - b.atChange);
}
