const SIGN_IN = /^\/sign-in(\/|\?|$)/;

/** The wanted address when it is one of this app; else the first page. Never an address of another site. */
export function safeNext(next: string | undefined): string {
  if (next === undefined || !next.startsWith('/')) return '/';
  try {
    const { origin, pathname, search, hash } = new URL(next, window.location.origin);
    const isHere = origin === window.location.origin && !SIGN_IN.test(pathname);
    return isHere ? `${pathname}${search}${hash}` : '/';
  } catch {
    return '/';
  }
}
