import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What reading the ledger needs. Searches by key and by origin rest on BRIN indexes with bloom filters: they cost an
 * append next to nothing, where B-trees over these random values would nearly double its time. New block ranges are
 * summarized by `sync.summarize_ledger()`, which maintenance calls; until then they are simply read whole.
 */
export class ReadSide1790000400000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of [INDEXES, SUMMARIZE, SAMPLES, SAMPLE, DEFINITIONS]) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      `DROP TABLE sync.data_set_definitions;
       DROP FUNCTION sync.sample_flow(); DROP TABLE sync.lane_samples, sync.source_samples;
       DROP FUNCTION sync.summarize_ledger();
       DROP INDEX sync.ledger_changes_key_idx, sync.ledger_transactions_origin_idx,
         sync.ledger_transactions_correlation_idx, sync.ledger_transactions_unattributed_idx`,
    );
  }
}

/** One range holds at most about so many different values: rows of 32 or 16 pages. */
const INDEXES = `
CREATE INDEX ledger_changes_key_idx ON sync.ledger_changes USING brin (
  key text_bloom_ops (n_distinct_per_range = 500, false_positive_rate = 0.002),
  old_key text_bloom_ops (n_distinct_per_range = 500, false_positive_rate = 0.002),
  id, created_at) WITH (pages_per_range = 32);
CREATE INDEX ledger_transactions_origin_idx ON sync.ledger_transactions USING brin (
  service text_bloom_ops (n_distinct_per_range = 32, false_positive_rate = 0.002),
  "user" text_bloom_ops (n_distinct_per_range = 750, false_positive_rate = 0.005),
  action text_bloom_ops (n_distinct_per_range = 64, false_positive_rate = 0.002),
  created_at) WITH (pages_per_range = 16);
CREATE INDEX ledger_transactions_correlation_idx ON sync.ledger_transactions USING brin (
  correlation_id text_bloom_ops (n_distinct_per_range = 1500, false_positive_rate = 0.002),
  created_at) WITH (pages_per_range = 32);
CREATE INDEX ledger_transactions_unattributed_idx ON sync.ledger_transactions (created_at) INCLUDE (change_count)
  WHERE unattributed;`;

const SUMMARIZE = `
CREATE FUNCTION sync.summarize_ledger() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT coalesce(sum(brin_summarize_new_values(i.indexrelid)), 0)::integer
  FROM pg_inherits p
  JOIN pg_class c ON c.oid = p.inhrelid
  JOIN pg_index i ON i.indrelid = c.oid
  JOIN pg_class x ON x.oid = i.indexrelid
  JOIN pg_am a ON a.oid = x.relam AND a.amname = 'brin'
  WHERE p.inhparent IN ('sync.ledger_changes'::regclass, 'sync.ledger_transactions'::regclass)
    AND (c.relname ~ '_default$' OR right(c.relname, 8) IN (
      to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD'), to_char((now() - interval '1 day') AT TIME ZONE 'UTC', 'YYYYMMDD')))
$$;
COMMENT ON FUNCTION sync.summarize_ledger IS
  'brings the BRIN indexes of the ledger''s growing partitions up to date; cheap when there is nothing to do';`;

const SAMPLES = `
CREATE TABLE sync.source_samples (
  source_id smallint NOT NULL CONSTRAINT source_samples_source_fk REFERENCES sync.sources (id),
  sampled_at timestamptz NOT NULL,
  commit_lsn pg_lsn,
  transactions bigint,
  changes bigint,
  unattributed bigint,
  CONSTRAINT source_samples_pk PRIMARY KEY (source_id, sampled_at)
);
CREATE TABLE sync.lane_samples (
  lane_id integer NOT NULL CONSTRAINT lane_samples_lane_fk REFERENCES sync.ledger_lanes (id),
  sampled_at timestamptz NOT NULL,
  state text NOT NULL,
  lag_ms bigint,
  applied bigint,
  position_lsn pg_lsn,
  position_seq integer,
  CONSTRAINT lane_samples_pk PRIMARY KEY (lane_id, sampled_at)
);
COMMENT ON TABLE sync.source_samples IS
  'what was captured since the sample before, at most 10 s apart; a time without samples is a time without a worker';
COMMENT ON COLUMN sync.lane_samples.lag_ms IS 'age of the oldest change that was not applied; 0: none was';
COMMENT ON COLUMN sync.lane_samples.applied IS 'since the sample before; null when that was too long ago';`;

/** Takes part in the tick of every maintenance worker; the first of a tick writes, the others find it done. */
const SAMPLE = `
CREATE FUNCTION sync.sample_flow() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  tick timestamptz := date_bin('10 seconds', clock_timestamp(), '2000-01-01 00:00Z');
  recent timestamptz := tick - interval '30 seconds';
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('sync.sample_flow')) THEN RETURN; END IF;
  INSERT INTO sync.source_samples (source_id, sampled_at, commit_lsn, transactions, changes, unattributed)
  SELECT s.id, tick, s.commit_lsn, n.transactions, n.changes, n.unattributed
  FROM sync.sources s
  LEFT JOIN LATERAL (
    SELECT p.commit_lsn FROM sync.source_samples p
    WHERE p.source_id = s.id AND p.sampled_at >= recent ORDER BY p.sampled_at DESC LIMIT 1) p ON true
  LEFT JOIN LATERAL (
    SELECT count(*) AS transactions, coalesce(sum(t.change_count), 0) AS changes,
      coalesce(sum(t.change_count) FILTER (WHERE t.unattributed), 0) AS unattributed
    FROM sync.ledger_transactions t
    WHERE t.source_id = s.id AND t.commit_lsn > p.commit_lsn AND t.commit_lsn <= s.commit_lsn
      AND t.created_at > recent - interval '1 minute') n ON p.commit_lsn <= s.commit_lsn
  WHERE s.state = 'streaming'
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN; END IF;
  INSERT INTO sync.lane_samples (lane_id, sampled_at, state, lag_ms, applied, position_lsn, position_seq)
  SELECT l.id, tick, l.state,
    CASE WHEN l.position_lsn IS NOT NULL
      THEN coalesce(greatest(0, extract(epoch FROM clock_timestamp() - w.created_at) * 1000), 0) END,
    b.applied, l.position_lsn, l.position_seq
  FROM sync.ledger_lanes l
  LEFT JOIN LATERAL (
    SELECT p.position_lsn, p.position_seq FROM sync.lane_samples p
    WHERE p.lane_id = l.id AND p.sampled_at >= recent ORDER BY p.sampled_at DESC LIMIT 1) p ON true
  LEFT JOIN LATERAL (
    SELECT coalesce(sum(b.changes), 0) AS applied FROM sync.lane_batches b
    WHERE b.lane_id = l.id AND (b.to_lsn, b.to_seq) > (p.position_lsn, p.position_seq)
      AND (b.to_lsn, b.to_seq) <= (l.position_lsn, l.position_seq)) b
    ON (p.position_lsn, p.position_seq) <= (l.position_lsn, l.position_seq)
  LEFT JOIN LATERAL (
    SELECT min(c.created_at) AS created_at FROM sync.lane_tables m CROSS JOIN LATERAL (
      SELECT c.created_at FROM sync.ledger_changes c
      WHERE c.table_id = m.table_id AND c.commit_lsn >= m.since_lsn
        AND (c.commit_lsn, c.seq) > (l.position_lsn, l.position_seq)
      ORDER BY c.commit_lsn, c.seq LIMIT 1) c
    WHERE m.lane_id = l.id) w ON true
  WHERE l.active
  ON CONFLICT DO NOTHING;
  DELETE FROM sync.source_samples
  WHERE source_id IN (SELECT id FROM sync.sources) AND sampled_at < tick - interval '8 days';
  DELETE FROM sync.lane_samples
  WHERE lane_id IN (SELECT id FROM sync.ledger_lanes) AND sampled_at < tick - interval '8 days';
END $$;
COMMENT ON FUNCTION sync.sample_flow IS
  'every 10 s: what was captured and applied, and how far each lane is behind; kept for 8 days';`;

const DEFINITIONS = `
CREATE TABLE sync.data_set_definitions (
  name text NOT NULL CONSTRAINT data_set_definitions_pk PRIMARY KEY,
  definition jsonb NOT NULL,
  published_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE sync.data_set_definitions IS
  'each data set as the workers'' catalogue declares it, so that the API needs no catalogue of its own';`;
