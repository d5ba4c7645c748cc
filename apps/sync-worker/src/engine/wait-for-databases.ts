import { Backoff, abortableSleep, isTransientPostgresError, type Logger } from '@astro/runtime';
import type { HealthRegistry } from '../health/health-registry.js';

const BACKOFF = { baseMs: 500, maxMs: 5000 };

export interface WaitContext {
  readonly log: Logger;
  readonly health: HealthRegistry;
}

/**
 * Repeats `work` for as long as it fails because a database is away: refuses connections, starts up, is unknown to the
 * name service. Says so in the log, once per reason, and in health. What waiting cannot mend is thrown at once.
 */
export async function waitForDatabases<T>(work: () => Promise<T>, { log, health }: WaitContext): Promise<T> {
  const backoff = new Backoff(BACKOFF);
  let problem = '';
  const forget = health.register({
    name: 'databases',
    check: () => ({ healthy: false, detail: problem === '' ? 'being examined' : `waiting: ${problem}` }),
  });
  const attempt = async (): Promise<Outcome<T>> => {
    try {
      return { value: await work() };
    } catch (error) {
      if (!isTransientPostgresError(error)) throw error;
      return { problem: error instanceof Error ? error.message : String(error) };
    }
  };
  try {
    for (;;) {
      const outcome = await attempt();
      if ('value' in outcome) return outcome.value;
      if (outcome.problem !== problem) log.warn({ event: 'start.waiting' }, `waiting: ${outcome.problem}`);
      problem = outcome.problem;
      await abortableSleep(backoff.nextMs());
    }
  } finally {
    forget();
  }
}

type Outcome<T> = { readonly value: T } | { readonly problem: string };
