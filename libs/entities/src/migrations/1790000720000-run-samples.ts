import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets it be drawn how fast a run went, also long after: its counters alone only say how far it has come. */
export class RunSamples1790000720000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(SAMPLES);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE sync.run_samples`);
  }
}

const SAMPLES = `
CREATE TABLE sync.run_samples (
  item_id bigint NOT NULL CONSTRAINT run_samples_item_fk REFERENCES sync.run_items (id) ON DELETE CASCADE,
  at timestamptz NOT NULL,
  rows_done bigint NOT NULL,
  errors bigint NOT NULL,
  begins boolean NOT NULL DEFAULT false,
  CONSTRAINT run_samples_pk PRIMARY KEY (item_id, at)
);
COMMENT ON TABLE sync.run_samples IS 'how far an item had come at some instants; their number is bounded, see isSampleDue';
COMMENT ON COLUMN sync.run_samples.begins IS
  'a worker took the item at this instant: nobody worked on it since the sample before';`;
