import type { TableRef } from '@astro/sync-core';
import { escapeLiteral } from 'pg';
import { qualified, schemaName, type ProvenanceOptions } from './identifiers.js';

const TRIGGER_NAME = 'sync_origin';

/**
 * SQL that makes changes of `table` carry their origin. Needs `provenanceSql` before, and the table's owner.
 *
 * Idempotent: a table that has the trigger is not locked. Otherwise it waits for the transactions that are writing
 * to the table and, while it waits, new writers queue behind it: set a `lock_timeout` and try again.
 * Apply it to every table that statements name: for a partitioned table the root, and each partition that is written
 * to directly; triggers of this kind are not inherited.
 * Sessions with `session_replication_role = replica` do not fire it; their changes are unattributed.
 * @throws {ConfigError} for a schema name that would need quotes
 */
export function triggerSql(table: TableRef, options: ProvenanceOptions = {}): string {
  const target = qualified(table);
  const record = `${schemaName(options)}.record_origin()`;
  const body = `BEGIN
  IF EXISTS (
    SELECT FROM pg_catalog.pg_trigger
    WHERE tgrelid OPERATOR(pg_catalog.=) ${escapeLiteral(target)}::pg_catalog.regclass::pg_catalog.oid
      AND tgname OPERATOR(pg_catalog.=) '${TRIGGER_NAME}'
      AND tgfoid OPERATOR(pg_catalog.=) '${record}'::pg_catalog.regprocedure::pg_catalog.oid
  ) THEN RETURN; END IF;
  CREATE OR REPLACE TRIGGER ${TRIGGER_NAME} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${target}
    FOR EACH STATEMENT EXECUTE FUNCTION ${record};
END`;
  return `DO ${escapeLiteral(body)};`;
}

/** Undoes {@link triggerSql}. Idempotent; takes an exclusive lock on the table, so set a `lock_timeout` before. */
export function dropTriggerSql(table: TableRef): string {
  return `DROP TRIGGER IF EXISTS ${TRIGGER_NAME} ON ${qualified(table)};`;
}
