import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How each source table was published when it was looked at last: a change that is undone again leaves its trace. */
export class PublicationMarks1790000100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE sync.ledger_tables ADD COLUMN published text`);
    await db.query(
      `COMMENT ON COLUMN sync.ledger_tables.published IS
       'identity and version of the publication and of the table''s membership in it; null: not looked at yet'`,
    );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE sync.ledger_tables DROP COLUMN published`);
  }
}
