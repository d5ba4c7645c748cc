/** What a figure must reach and what it aims at. */
export interface Goal {
  /** In JSON. */
  readonly name: string;
  /** One line for the table. */
  readonly title: string;
  /** `x` is a ratio. */
  readonly unit: 'x' | 'ms' | 'changes/s' | 'MB' | '%';
  readonly mustReach: number;
  readonly aim: number;
  readonly better: 'higher' | 'lower';
}

/** Everything measured of one round, as plain numbers and words for the JSON file. */
export type Run = Readonly<Record<string, string | number>>;

export interface Figure {
  readonly goal: Goal;
  /** Null: there is no value that can be trusted, and `problem` says why. */
  readonly value: number | null;
  readonly runs: readonly Run[];
  readonly problem?: string;
}

export type Verdict = 'reaches the aim' | 'met' | 'missed';

/** A figure without a value is missed. */
export function verdict({ goal, value }: Figure): Verdict {
  if (value === null) return 'missed';
  if (reaches(value, goal.aim, goal.better)) return 'reaches the aim';
  return reaches(value, goal.mustReach, goal.better) ? 'met' : 'missed';
}

function reaches(value: number, limit: number, better: Goal['better']): boolean {
  return better === 'higher' ? value >= limit : value <= limit;
}
