import type { AssertedOrigin } from '@astro/sync-core';

/**
 * The session settings in which an application says who changes data and why. They work on every PostgreSQL, whether
 * or not anything of this system is installed there. `SET sync.service = 'ReportJob'` claims for a whole session,
 * `SET LOCAL` for one transaction; `user` is a reserved word, so it is `SET sync."user" = …`.
 */
export const CLAIM_SETTINGS = {
  service: 'sync.service',
  user: 'sync.user',
  action: 'sync.action',
  reason: 'sync.reason',
  correlationId: 'sync.correlation_id',
} as const satisfies Record<keyof AssertedOrigin, string>;

/** Holds the id of the transaction whose origin has been written; lasts as long as the transaction or savepoint. */
export const EMITTED_SETTING = 'sync.emitted';

/** Longer texts are cut, so that nobody can fill the write-ahead log with them; the reader cuts there too. */
export const MAX_CLAIM_CHARACTERS = 500;
