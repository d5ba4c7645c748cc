import { type Permission } from '@astro/contracts';
import { mayUse } from '@astro/web-ui';
import { useWriteBlock } from '../../shared/connection.js';
import { useMe } from '../session/session-context.js';

/**
 * May the person start runs and change them? For acts about which the server's answer says nothing; also not while the
 * server cannot be reached.
 */
export function useMayOperate(): Permission {
  const { role } = useMe();
  return useUnlessBlocked()(mayUse('cancel', 'running', role));
}

/** Refuses what is allowed while the server cannot be reached. */
export function useUnlessBlocked(): (allowed: Permission) => Permission {
  const block = useWriteBlock();
  return (allowed) => (block !== null && allowed.ok ? { ok: false, reason: block } : allowed);
}
