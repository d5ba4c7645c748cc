import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The ledger. Each change is stored once, each source transaction once with its origin; `job_queue` fans a change
 * out to one row per data set and reads status and time from the lanes' positions, so that nothing is rewritten per row.
 * Changes and transactions of one append share `created_at`, which is the partition key of both.
 */
export class CreateLedger1790000000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of [SOURCES, ADVANCE, CHANGES, LANES, LANE_RECORDS, PARTITIONS, JOB_QUEUE, HEALTH]) {
      await db.query(statement);
    }
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP VIEW public.sync_health; DROP VIEW public.job_queue; DROP SCHEMA sync CASCADE`);
  }
}

const SOURCES = `
CREATE SCHEMA IF NOT EXISTS sync;

CREATE TABLE sync.sources (
  id smallint GENERATED ALWAYS AS IDENTITY CONSTRAINT sources_pk PRIMARY KEY,
  name text NOT NULL CONSTRAINT sources_name_unique UNIQUE,
  history text,
  slot text,
  commit_lsn pg_lsn,
  safe_lsn pg_lsn,
  writer bigint NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'new' CONSTRAINT sources_state CHECK (state IN ('new', 'streaming', 'gap')),
  reason text,
  changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN sync.sources.safe_lsn IS 'everything that committed before this is stored';
COMMENT ON COLUMN sync.sources.writer IS 'fencing token: raised by each capture that opens the ledger';

CREATE TABLE sync.ledger_tables (
  id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT ledger_tables_pk PRIMARY KEY,
  source_id smallint NOT NULL CONSTRAINT ledger_tables_source_fk REFERENCES sync.sources (id),
  schema_name text NOT NULL,
  table_name text NOT NULL,
  key_columns text[] NOT NULL,
  columns json,
  CONSTRAINT ledger_tables_name_unique UNIQUE (source_id, schema_name, table_name)
);`;

const ADVANCE = `
CREATE FUNCTION sync.advance_source(
  source smallint, current_writer bigint, commit_lsn pg_lsn, safe_lsn pg_lsn, history text, slot text, touched text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sync.sources s
  SET commit_lsn = advance_source.commit_lsn, safe_lsn = advance_source.safe_lsn,
    history = advance_source.history, slot = advance_source.slot,
    state = CASE WHEN s.state = 'new' THEN 'streaming' ELSE s.state END
  WHERE s.id = source AND s.writer = current_writer AND s.state <> 'gap';
  IF NOT FOUND THEN RAISE EXCEPTION 'another capture has moved source % on', source USING ERRCODE = 'SY001'; END IF;
  IF touched <> '' THEN PERFORM pg_notify('sync_ledger', touched); END IF;
END $$;
COMMENT ON FUNCTION sync.advance_source IS
  'the end of every append: moves the position, unless another writer is the current one, and tells the lanes';`;

const CHANGES = `
CREATE TABLE sync.ledger_transactions (
  source_id smallint NOT NULL,
  commit_lsn pg_lsn NOT NULL,
  xid xid NOT NULL,
  committed_at timestamptz NOT NULL,
  change_count integer NOT NULL,
  service text,
  "user" text,
  action text,
  reason text,
  correlation_id text,
  observed_role text,
  observed_application text,
  observed_address text,
  unattributed boolean NOT NULL,
  created_at timestamptz NOT NULL
) PARTITION BY RANGE (created_at);
CREATE INDEX ledger_transactions_position_idx ON sync.ledger_transactions (source_id, commit_lsn);
CREATE TABLE sync.ledger_transactions_default PARTITION OF sync.ledger_transactions DEFAULT;

CREATE TABLE sync.ledger_changes (
  id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1000),
  table_id integer NOT NULL,
  seq integer NOT NULL,
  commit_lsn pg_lsn NOT NULL,
  xid xid NOT NULL,
  op "char" NOT NULL,
  bytes integer NOT NULL,
  created_at timestamptz NOT NULL,
  key text NOT NULL,
  old_key text,
  unchanged text,
  before text,
  after text
) PARTITION BY RANGE (created_at);
CREATE INDEX ledger_changes_position_idx ON sync.ledger_changes (table_id, commit_lsn, seq);
CREATE TABLE sync.ledger_changes_default PARTITION OF sync.ledger_changes DEFAULT;`;

const LANES = `
CREATE TABLE sync.ledger_lanes (
  id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT ledger_lanes_pk PRIMARY KEY
    CONSTRAINT ledger_lanes_id_fits CHECK (id < 4096),
  name text NOT NULL CONSTRAINT ledger_lanes_name_unique UNIQUE,
  data_set text NOT NULL,
  source_id smallint NOT NULL CONSTRAINT ledger_lanes_source_fk REFERENCES sync.sources (id),
  target text NOT NULL,
  job_type text NOT NULL CONSTRAINT ledger_lanes_job_type CHECK (job_type IN ('realtime', 'batch')),
  active boolean NOT NULL DEFAULT true,
  state text NOT NULL DEFAULT 'copying'
    CONSTRAINT ledger_lanes_state CHECK (state IN ('copying', 'streaming', 'needs_resync')),
  reason text,
  state_since timestamptz NOT NULL DEFAULT now(),
  copy_requested boolean NOT NULL DEFAULT false,
  history text,
  position_lsn pg_lsn,
  position_seq integer,
  applied_at timestamptz
);

CREATE TABLE sync.lane_tables (
  lane_id integer NOT NULL CONSTRAINT lane_tables_lane_fk REFERENCES sync.ledger_lanes (id),
  table_id integer NOT NULL CONSTRAINT lane_tables_table_fk REFERENCES sync.ledger_tables (id),
  since_lsn pg_lsn NOT NULL,
  CONSTRAINT lane_tables_pk PRIMARY KEY (lane_id, table_id)
);
COMMENT ON COLUMN sync.lane_tables.since_lsn IS 'changes before this are not the lane''s: its copy holds them';`;

const LANE_RECORDS = `
CREATE TABLE sync.lane_batches (
  lane_id integer NOT NULL,
  to_lsn pg_lsn NOT NULL,
  to_seq integer NOT NULL,
  changes integer NOT NULL,
  executed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX lane_batches_position_idx ON sync.lane_batches (lane_id, to_lsn, to_seq);

CREATE TABLE sync.lane_failures (
  lane_id integer NOT NULL,
  table_id integer NOT NULL,
  key text NOT NULL,
  commit_lsn pg_lsn NOT NULL,
  seq integer NOT NULL,
  status text NOT NULL CONSTRAINT lane_failures_status CHECK (status IN ('failed', 'skipped', 'completed')),
  code text NOT NULL,
  message text NOT NULL,
  attempts integer NOT NULL DEFAULT 1,
  first_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT lane_failures_pk PRIMARY KEY (lane_id, table_id, key, commit_lsn, seq)
);
CREATE INDEX lane_failures_open_idx ON sync.lane_failures (lane_id, table_id, key) WHERE status = 'failed';

CREATE TABLE sync.copy_chunks (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT copy_chunks_pk PRIMARY KEY,
  lane_id integer NOT NULL,
  copy_id text NOT NULL,
  job_type text NOT NULL CONSTRAINT copy_chunks_job_type CHECK (job_type IN ('copy', 'repair')),
  entity_type text NOT NULL,
  entity_id text NOT NULL,
  rows integer NOT NULL,
  removed integer NOT NULL,
  created_at timestamptz NOT NULL,
  executed_at timestamptz NOT NULL
);
CREATE INDEX copy_chunks_lane_idx ON sync.copy_chunks (lane_id, id);

CREATE TABLE sync.target_positions (
  lane text NOT NULL CONSTRAINT target_positions_pk PRIMARY KEY,
  state text NOT NULL
);
COMMENT ON TABLE sync.target_positions IS
  'how far each lane that ends in this database has come; moves in the same transaction as its data';

CREATE TABLE sync.components (
  name text NOT NULL CONSTRAINT components_pk PRIMARY KEY,
  healthy boolean NOT NULL,
  detail text NOT NULL,
  checked_at timestamptz NOT NULL
);`;

const PARTITIONS = `
CREATE FUNCTION sync.keep_partitions(days_ahead integer, retention_days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  parent text;
  day date;
  old record;
  dropped integer := 0;
  keep_from timestamptz := least(
    date_trunc('day', now(), 'UTC') - make_interval(days => retention_days),
    (SELECT min(t.created_at) FROM sync.ledger_lanes l JOIN LATERAL (
       SELECT created_at FROM sync.ledger_transactions t
       WHERE t.source_id = l.source_id AND t.commit_lsn > coalesce(l.position_lsn, '0/0')
       ORDER BY t.commit_lsn LIMIT 1) t ON true
     WHERE l.active));
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('sync.keep_partitions'));
  FOREACH parent IN ARRAY ARRAY['ledger_transactions', 'ledger_changes'] LOOP
    FOR offset_days IN 1..days_ahead LOOP
      day := (now() AT TIME ZONE 'UTC')::date + offset_days;
      CONTINUE WHEN to_regclass(format('sync.%I', parent || to_char(day, '_YYYYMMDD'))) IS NOT NULL;
      EXECUTE format('CREATE TABLE sync.%I PARTITION OF sync.%I FOR VALUES FROM (%L) TO (%L)',
        parent || to_char(day, '_YYYYMMDD'), parent,
        day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
    END LOOP;
    FOR old IN
      SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = format('sync.%I', parent)::regclass AND c.relname ~ '_[0-9]{8}$'
        AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1 <= (keep_from AT TIME ZONE 'UTC')::date
    LOOP
      EXECUTE format('DROP TABLE sync.%I', old.relname);
      dropped := dropped + 1;
    END LOOP;
    EXECUTE format('DELETE FROM sync.%I WHERE created_at < $1', parent || '_default') USING keep_from;
  END LOOP;
  DELETE FROM sync.lane_batches WHERE executed_at < keep_from;
  DELETE FROM sync.copy_chunks WHERE executed_at < keep_from;
  RETURN dropped;
END $$;
COMMENT ON FUNCTION sync.keep_partitions IS
  'makes the partitions of the coming days and drops those older than the retention that every lane has passed';`;

const JOB_QUEUE = `
CREATE VIEW public.job_queue AS
SELECT c.id * 4096 + l.id AS id,
  l.job_type,
  d.schema_name || '.' || d.table_name AS entity_type,
  c.key AS entity_id,
  coalesce(f.status, CASE WHEN (c.commit_lsn, c.seq) <= (l.position_lsn, l.position_seq)
    THEN 'completed' ELSE 'pending' END) AS status,
  c.created_at,
  coalesce(f.last_at, b.executed_at) AS executed_at,
  json_build_object(
    'op', CASE c.op WHEN 'i' THEN 'insert' WHEN 'u' THEN 'update' WHEN 'd' THEN 'delete'
      WHEN 't' THEN 'truncate' ELSE 'relation' END,
    'key', c.key, 'oldKey', c.old_key,
    'before', c.before::json, 'after', c.after::json, 'unchanged', c.unchanged::json,
    'origin', json_build_object(
      'asserted', json_build_object('service', t.service, 'user', t."user", 'action', t.action,
        'reason', t.reason, 'correlationId', t.correlation_id),
      'observed', json_build_object('role', t.observed_role, 'application', t.observed_application,
        'address', t.observed_address),
      'unattributed', t.unattributed),
    'position', json_build_object('history', s.history, 'commitLsn', c.commit_lsn, 'seq', c.seq)) AS data,
  l.data_set,
  l.name AS lane,
  t.service, t."user", t.action, t.reason, t.correlation_id,
  t.observed_role, t.observed_application, t.observed_address, t.unattributed,
  c.commit_lsn, c.seq, t.committed_at,
  f.code AS error_code, f.message AS error_message
FROM sync.ledger_changes c
JOIN sync.ledger_tables d ON d.id = c.table_id
JOIN sync.sources s ON s.id = d.source_id
JOIN sync.lane_tables m ON m.table_id = c.table_id AND c.commit_lsn >= m.since_lsn
JOIN sync.ledger_lanes l ON l.id = m.lane_id
JOIN sync.ledger_transactions t
  ON t.source_id = d.source_id AND t.commit_lsn = c.commit_lsn AND t.created_at = c.created_at
LEFT JOIN sync.lane_failures f ON f.lane_id = l.id AND f.table_id = c.table_id AND f.key = c.key
  AND f.commit_lsn = c.commit_lsn AND f.seq = c.seq
LEFT JOIN LATERAL (
  SELECT b.executed_at FROM sync.lane_batches b
  WHERE b.lane_id = l.id AND (b.to_lsn, b.to_seq) >= (c.commit_lsn, c.seq)
  ORDER BY b.to_lsn, b.to_seq LIMIT 1) b ON true
UNION ALL
SELECT -k.id, k.job_type, k.entity_type, k.entity_id, 'completed', k.created_at, k.executed_at,
  json_build_object('op', 'copy', 'rows', k.rows, 'removed', k.removed, 'copy', k.copy_id,
    'origin', json_build_object('asserted', json_build_object('service', 'sync-worker', 'action', k.job_type))),
  l.data_set, l.name,
  'sync-worker', NULL, k.job_type, NULL, NULL, NULL, NULL, NULL, false,
  NULL, NULL, NULL, NULL, NULL
FROM sync.copy_chunks k JOIN sync.ledger_lanes l ON l.id = k.lane_id;
COMMENT ON VIEW public.job_queue IS
  'one row per change and data set, and one per copied chunk (negative ids); its facts never change';`;

const HEALTH = `
CREATE VIEW public.sync_health AS
SELECT name AS component,
  healthy AND checked_at > now() - interval '30 seconds' AS healthy,
  CASE WHEN checked_at > now() - interval '30 seconds' THEN detail
    ELSE 'no word since ' || to_char(checked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') END AS detail,
  checked_at
FROM sync.components;`;
