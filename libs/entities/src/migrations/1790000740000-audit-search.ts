import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What searching a long audit trail needs. Words are found through trigrams, for which PostgreSQL brings the extension
 * `pg_trgm`; where it is not installed, or the owner may make none, everything works and words are only slower.
 */
export class AuditSearch1790000740000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of [FILTERS, WORDS]) await db.query(statement);
    await db.query('SELECT sync.index_audit_words()');
  }

  /** The extension stays: others may use it. */
  async down(db: QueryRunner): Promise<void> {
    await db.query(
      `DROP INDEX public.entry_log_service_idx, public.entry_log_result_idx, public.entry_log_entity_id_idx;
       DROP INDEX IF EXISTS public.entry_log_words_idx, public.entry_log_initiator_words_idx;
       DROP FUNCTION sync.index_audit_words()`,
    );
  }
}

/** Most entries succeed, so nobody is helped by an index of those. */
const FILTERS = `
CREATE INDEX entry_log_service_idx ON public.entry_log (service, id);
CREATE INDEX entry_log_result_idx ON public.entry_log (result, id) WHERE result <> 'succeeded';
CREATE INDEX entry_log_entity_id_idx ON public.entry_log (entity_id, id) WHERE entity_id IS NOT NULL;`;

/** Entries come one by one and must be found at once, so none wait to be added to the index. */
const WORDS = `
CREATE FUNCTION sync.index_audit_words() RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  place text;
BEGIN
  BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
  EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RETURN false;
  END;
  SELECT quote_ident(n.nspname) INTO place
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm';
  EXECUTE format('CREATE INDEX IF NOT EXISTS entry_log_words_idx ON public.entry_log USING gin ((initiator_name || '' ''
    || action || '' '' || entity_type || '' '' || coalesce(entity_id, '''') || '' '' || details::text) %s.gin_trgm_ops)
    WITH (fastupdate = off)', place);
  EXECUTE format('CREATE INDEX IF NOT EXISTS entry_log_initiator_words_idx ON public.entry_log
    USING gin (initiator_name %s.gin_trgm_ops) WITH (fastupdate = off)', place);
  RETURN true;
END $$;
COMMENT ON FUNCTION sync.index_audit_words IS
  'lets words of the audit trail be found through trigrams; false: pg_trgm cannot be had here';`;
