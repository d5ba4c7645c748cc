const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|.+\.localhost)$/;
const STAGING = /(^|[.-])(stag(e|ing)|test|qa|dev|demo)([.-]|$)/;

interface Environment {
  readonly kind: 'production' | 'staging' | 'local';
  readonly word: string;
}

/** By the name of the host; one that does not say otherwise counts as production, which is the careful guess. */
export function environmentOf(hostname: string): Environment {
  if (LOCAL.test(hostname)) return { kind: 'local', word: 'Local' };
  if (STAGING.test(hostname)) return { kind: 'staging', word: `Staging · ${hostname}` };
  return { kind: 'production', word: `Production · ${hostname}` };
}
