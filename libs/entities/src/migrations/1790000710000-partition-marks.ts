import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets rows that came or went with whole partitions be noticed: the stream has no row events of them. */
export class PartitionMarks1790000710000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(MARKS);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE sync.ledger_tables DROP COLUMN partitions`);
  }
}

const MARKS = `
ALTER TABLE sync.ledger_tables ADD COLUMN partitions jsonb;
COMMENT ON COLUMN sync.ledger_tables.partitions IS
  'its partitions when they were last looked at, and in which file each keeps its rows; null: not looked at yet';`;
