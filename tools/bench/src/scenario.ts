import type { Figure, Goal } from './goal.js';
import type { Lab } from './harness/lab.js';
import type { PeakMemory } from './harness/peak-memory.js';

/** What scenarios share. */
export interface BenchContext {
  readonly lab: Lab;
  readonly rounds: number;
  readonly nodeOptions: readonly string[];
  readonly memory: PeakMemory;
  /** Tells the person who waits what is happening. */
  readonly say: (message: string) => void;
}

export interface Scenario {
  readonly name: string;
  readonly goals: readonly Goal[];
  /** @throws when a figure cannot be trusted: a program failed, time ran out, or the data are not equal at the end */
  run(context: BenchContext): Promise<readonly Figure[]>;
}
