import { type Permission } from '@astro/contracts';
import { type RunStatus } from './status-words.js';

/** What a person can do with a run. `retry` makes a new run of what failed, `run_again` a new one of the same scope. */
export type RunVerb = 'start' | 'discard' | 'pause' | 'resume' | 'cancel' | 'retry' | 'run_again';

/** Verbs in the order of their buttons. */
export const RUN_VERBS: readonly RunVerb[] = ['start', 'discard', 'pause', 'resume', 'cancel', 'retry', 'run_again'];

const OFFERED: Record<RunStatus, readonly RunVerb[]> = {
  planning: ['cancel'],
  planned: ['start', 'discard'],
  waiting_for_approval: ['discard'],
  waiting: ['cancel'],
  queued: ['cancel'],
  running: ['pause', 'cancel'],
  pausing: ['cancel'],
  paused: ['resume', 'cancel'],
  cancelling: [],
  verifying: ['cancel'],
  succeeded: ['run_again'],
  succeeded_with_leftovers: ['retry', 'run_again'],
  failed: ['retry', 'run_again'],
  cancelled: ['run_again'],
  stopped_by_guard: ['retry', 'run_again'],
};

const STEERING_ROLES: ReadonlySet<string> = new Set(['operator', 'admin']);

/** The verbs that a run in this state offers; which of them the caller may use, the server says per item. */
export function runVerbs(status: RunStatus): readonly RunVerb[] {
  return OFFERED[status];
}

/**
 * May a person of this role use the verb on a run in this state? For verbs about which the answer of the server says
 * nothing; where it has `allowed`, that wins.
 */
export function mayUse(verb: RunVerb, status: RunStatus, role: string): Permission {
  if (!STEERING_ROLES.has(role)) {
    return { ok: false, reason: `Your role, ${role}, only reads. An operator or an administrator can do this.` };
  }
  if (OFFERED[status].includes(verb)) return { ok: true };
  return { ok: false, reason: `A run that is ${status.replaceAll('_', ' ')} does not offer this.` };
}
