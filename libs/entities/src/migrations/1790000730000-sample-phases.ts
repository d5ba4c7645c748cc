import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets it be drawn in which phase a run spent its time. */
export class SamplePhases1790000730000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(PHASE);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE sync.run_samples DROP COLUMN phase`);
  }
}

const PHASE = `
ALTER TABLE sync.run_samples ADD COLUMN phase text CONSTRAINT run_samples_phase CHECK (phase IN ('planning', 'waiting',
  'reading', 'comparing', 'applying', 'verifying', 'done'));
COMMENT ON COLUMN sync.run_samples.phase IS
  'of the item from this instant on; a change of phase is an instant of its own. Null: of before it was kept';`;
