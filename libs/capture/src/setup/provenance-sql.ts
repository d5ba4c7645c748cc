import type { TableRef } from '@astro/sync-core';

/** The SQL that makes changes carry their origin; its maker is another lib, so the app passes it in. */
export interface ProvenanceSql {
  /** The schema that holds the trigger function and nothing of others. */
  readonly schema: string;
  /** Idempotent; locks no table. */
  readonly installSql: string;
  /** Idempotent; removes the triggers too. */
  readonly uninstallSql: string;
  /** Idempotent; run with a lock on the table already held. */
  triggerSql(table: TableRef): string;
  dropTriggerSql(table: TableRef): string;
}
