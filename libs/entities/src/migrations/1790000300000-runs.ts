import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Synchronizations that people, integrations and schedules start. A run has one item for each data set, an item may be
 * cut into chunks that several workers take. Whoever works on an item or a chunk holds it by a lease. Previews are
 * runs, too: they end in state `planned` and never touch a target.
 */
export class Runs1790000300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of [DATA_SETS, RUNS, ITEMS, CHUNKS, ERRORS, SCHEDULES]) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      `DROP TABLE sync.schedules, sync.run_error_groups, sync.run_errors, sync.run_chunks,
         sync.run_items, sync.runs, sync.data_sets`,
    );
  }
}

const DATA_SETS = `
CREATE TABLE sync.data_sets (
  name text NOT NULL CONSTRAINT data_sets_pk PRIMARY KEY,
  active boolean NOT NULL DEFAULT true,
  kind text NOT NULL CONSTRAINT data_sets_kind CHECK (kind IN ('flat', 'joined')),
  mode text NOT NULL CONSTRAINT data_sets_mode CHECK (mode IN ('realtime', 'scheduled')),
  source text NOT NULL,
  target text NOT NULL,
  tables jsonb NOT NULL,
  registered_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE sync.data_sets IS 'the catalogue as the workers have checked it, for the API';
COMMENT ON COLUMN sync.data_sets.tables IS
  'whose rows a run may be narrowed to: name, keyColumns, columns (name, type); a joined data set has only its root';`;

const RUNS = `
CREATE TABLE sync.runs (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT runs_pk PRIMARY KEY,
  is_preview boolean NOT NULL DEFAULT false,
  mode text NOT NULL CONSTRAINT runs_mode CHECK (mode IN ('incremental', 'full', 'verify', 'repair')),
  data_sets text[] NOT NULL CONSTRAINT runs_data_sets CHECK (cardinality(data_sets) > 0),
  options jsonb NOT NULL DEFAULT '{}',
  state text NOT NULL CONSTRAINT runs_state CHECK (state IN ('planning', 'planned', 'queued', 'running', 'pausing',
    'paused', 'cancelling', 'verifying', 'succeeded', 'succeeded_with_leftovers', 'failed', 'cancelled',
    'stopped_by_guard')),
  state_reason text,
  initiator jsonb NOT NULL,
  preview_id bigint CONSTRAINT runs_preview_fk REFERENCES sync.runs (id),
  removal_limit jsonb,
  queued_behind bigint CONSTRAINT runs_queued_behind_fk REFERENCES sync.runs (id),
  retry_of bigint CONSTRAINT runs_retry_of_fk REFERENCES sync.runs (id),
  rate_limit_rows_per_s integer CONSTRAINT runs_rate_limit CHECK (rate_limit_rows_per_s > 0),
  percent double precision CONSTRAINT runs_percent CHECK (percent BETWEEN 0 AND 100),
  pace jsonb,
  confirmation text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz,
  version integer NOT NULL DEFAULT 1
);
COMMENT ON COLUMN sync.runs.removal_limit IS 'what the run may remove before it stops by itself; see RunLimits';
COMMENT ON COLUMN sync.runs.pace IS 'what the estimator remembers between two looks';
CREATE UNIQUE INDEX runs_preview_once ON sync.runs (preview_id) WHERE preview_id IS NOT NULL;
CREATE INDEX runs_active_idx ON sync.runs (id)
  WHERE state IN ('planning', 'queued', 'running', 'pausing', 'paused', 'cancelling', 'verifying');
CREATE INDEX runs_data_sets_idx ON sync.runs USING gin (data_sets);
CREATE INDEX runs_created_idx ON sync.runs (created_at);`;

const ITEMS = `
CREATE TABLE sync.run_items (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT run_items_pk PRIMARY KEY,
  run_id bigint NOT NULL CONSTRAINT run_items_run_fk REFERENCES sync.runs (id) ON DELETE CASCADE,
  is_preview boolean NOT NULL DEFAULT false,
  data_set text NOT NULL,
  scope jsonb NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'waiting' CONSTRAINT run_items_state CHECK (state IN ('waiting', 'running', 'paused',
    'succeeded', 'succeeded_with_leftovers', 'failed', 'cancelled', 'stopped_by_guard')),
  phase text NOT NULL DEFAULT 'waiting' CONSTRAINT run_items_phase CHECK (phase IN ('planning', 'waiting', 'reading',
    'comparing', 'applying', 'verifying', 'done')),
  rows_read bigint NOT NULL DEFAULT 0,
  rows_applied bigint NOT NULL DEFAULT 0,
  rows_total bigint,
  inserted bigint NOT NULL DEFAULT 0,
  changed bigint NOT NULL DEFAULT 0,
  removed bigint NOT NULL DEFAULT 0,
  same bigint NOT NULL DEFAULT 0,
  different bigint NOT NULL DEFAULT 0,
  errors bigint NOT NULL DEFAULT 0,
  retries bigint NOT NULL DEFAULT 0,
  raw_bytes bigint NOT NULL DEFAULT 0,
  stored_bytes bigint NOT NULL DEFAULT 0,
  rate_rows_per_s double precision,
  percent double precision CONSTRAINT run_items_percent CHECK (percent BETWEEN 0 AND 100),
  pace jsonb,
  preview jsonb,
  state_data jsonb,
  worker text,
  lease_until timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz,
  message text,
  version integer NOT NULL DEFAULT 1,
  CONSTRAINT run_items_data_set_once UNIQUE (run_id, data_set)
);
COMMENT ON COLUMN sync.run_items.state_data IS 'what the worker needs to go on where another stopped';
CREATE UNIQUE INDEX run_items_one_writer ON sync.run_items (data_set)
  WHERE state IN ('running', 'paused') AND NOT is_preview;
CREATE INDEX run_items_open_idx ON sync.run_items (data_set, run_id) WHERE state IN ('waiting', 'running', 'paused');
CREATE INDEX run_items_rate_idx ON sync.run_items (data_set, finished_at) WHERE state = 'succeeded' AND NOT is_preview;`;

const CHUNKS = `
CREATE TABLE sync.run_chunks (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT run_chunks_pk PRIMARY KEY,
  item_id bigint NOT NULL CONSTRAINT run_chunks_item_fk REFERENCES sync.run_items (id) ON DELETE CASCADE,
  seq integer NOT NULL,
  table_id integer NOT NULL,
  from_key text[],
  to_key text[],
  state text NOT NULL DEFAULT 'waiting' CONSTRAINT run_chunks_state CHECK (state IN ('waiting', 'running', 'done')),
  worker text,
  lease_until timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  counters jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT run_chunks_seq_once UNIQUE (item_id, seq)
);
CREATE INDEX run_chunks_open_idx ON sync.run_chunks (item_id, seq) WHERE state <> 'done';`;

const ERRORS = `
CREATE TABLE sync.run_errors (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT run_errors_pk PRIMARY KEY,
  item_id bigint NOT NULL CONSTRAINT run_errors_item_fk REFERENCES sync.run_items (id) ON DELETE CASCADE,
  entity_type text NOT NULL,
  entity_id text NOT NULL,
  field text,
  kind text NOT NULL CONSTRAINT run_errors_kind CHECK (kind IN ('missing', 'extra', 'different', 'failed')),
  code text NOT NULL,
  message text NOT NULL,
  advice text NOT NULL,
  row_hash text NOT NULL,
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT run_errors_row_once UNIQUE (item_id, row_hash)
);
COMMENT ON COLUMN sync.run_errors.row_hash IS 'of entity, kind and field: keys may be longer than an index bears';
CREATE INDEX run_errors_item_idx ON sync.run_errors (item_id, id);

CREATE TABLE sync.run_error_groups (
  item_id bigint NOT NULL CONSTRAINT run_error_groups_item_fk REFERENCES sync.run_items (id) ON DELETE CASCADE,
  kind text NOT NULL,
  code text NOT NULL,
  entity_type text NOT NULL,
  field text NOT NULL,
  rows bigint NOT NULL,
  message text NOT NULL,
  advice text NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  CONSTRAINT run_error_groups_pk PRIMARY KEY (item_id, kind, code, entity_type, field)
);
COMMENT ON TABLE sync.run_error_groups IS 'counts every row, also those beyond what run_errors keeps of an item';`;

const SCHEDULES = `
CREATE TABLE sync.schedules (
  data_set text NOT NULL CONSTRAINT schedules_pk PRIMARY KEY,
  active boolean NOT NULL DEFAULT true,
  cron text NOT NULL,
  time_zone text NOT NULL,
  next_at timestamptz NOT NULL,
  paused_by jsonb,
  paused_reason text,
  paused_at timestamptz,
  last_run_id bigint CONSTRAINT schedules_last_run_fk REFERENCES sync.runs (id) ON DELETE SET NULL,
  last_fired_for timestamptz,
  skipped_for timestamptz,
  skipped_reason text,
  CONSTRAINT schedules_paused_whole CHECK ((paused_at IS NULL) = (paused_by IS NULL))
);
COMMENT ON COLUMN sync.schedules.next_at IS 'the instant that was not kept yet; in the past when no worker was there';`;
