import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets a target that was put back to an older state be told from one that is as it was left. */
export class LaneMoves1790000600000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(MOVES);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE sync.ledger_lanes DROP COLUMN moves`);
  }
}

const MOVES = `
ALTER TABLE sync.ledger_lanes ADD COLUMN moves bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN sync.ledger_lanes.moves IS
  'how often the lane''s state at its target has moved; a target that counts fewer was put back to an older state';`;
