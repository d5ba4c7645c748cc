const LOCK = 'astro-session-refresh';

/**
 * Runs one `work` at a time over all tabs of this browser: they share the cookie, and a refresh token that is used
 * twice ends the session. Where the browser has no locks (plain HTTP to another host) tabs are on their own.
 */
export function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = (navigator as Partial<Navigator>).locks;
  return locks ? locks.request(LOCK, work) : work();
}
