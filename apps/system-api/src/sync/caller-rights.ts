import { type Permission, type RunInitiator } from '@astro/contracts';
import { type AccessOptions } from '../auth/access.decorators.js';
import { type Identity } from '../auth/identity.js';

/** Who may start and steer runs and schedules. */
export const OPERATORS: AccessOptions = { roles: ['operator', 'admin'], scopes: ['sync'] };

export function mayOperate(caller: Identity): boolean {
  if (caller.kind === 'api_key') return caller.scopes.includes('sync');
  return OPERATORS.roles.includes(caller.role);
}

/** What the state permits, unless the caller may not do it at all. */
export function permitted<T extends Record<string, Permission>>(byState: T, caller: Identity): T {
  if (mayOperate(caller)) return byState;
  const reason =
    caller.kind === 'api_key'
      ? 'This API key may only read; it needs the scope sync.'
      : `Your role ${caller.role} may only look; ask an operator.`;
  return Object.fromEntries(Object.keys(byState).map((verb) => [verb, { ok: false, reason }])) as unknown as T;
}

/** The caller as the one who starts a run. */
export function initiatorOfRun({ kind, id, name, email }: Identity): RunInitiator {
  return { kind, id, name: email ?? name };
}
