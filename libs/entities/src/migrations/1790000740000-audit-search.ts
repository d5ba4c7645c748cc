import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildAuditIndex, indexAuditWords, type AuditIndex } from '../audit-indexes.js';

/**
 * What searching a long audit trail needs. Words are found through trigrams; where those cannot be had, everything works
 * and words are only slower.
 */
export class AuditSearch1790000740000 implements MigrationInterface {
  /**
   * In a transaction nobody could write to the trail until the last index is built, and what cannot be written down is
   * refused. So an interrupted migration leaves some indexes, and `up` goes on from there.
   */
  readonly transaction = false;

  async up(db: QueryRunner): Promise<void> {
    for (const index of FILTERS) await buildAuditIndex(db, index);
    await indexAuditWords(db);
  }

  /** The extension stays: others may use it. */
  async down(db: QueryRunner): Promise<void> {
    await db.query(
      `DROP INDEX public.entry_log_service_idx, public.entry_log_result_idx, public.entry_log_entity_id_idx;
       DROP INDEX IF EXISTS public.entry_log_words_idx, public.entry_log_initiator_words_idx`,
    );
  }
}

/** Most entries succeed, so nobody is helped by an index of those. */
const FILTERS: readonly AuditIndex[] = [
  { name: 'entry_log_service_idx', of: '(service, id)' },
  { name: 'entry_log_result_idx', of: `(result, id) WHERE result <> 'succeeded'` },
  { name: 'entry_log_entity_id_idx', of: '(entity_id, id) WHERE entity_id IS NOT NULL' },
];
