import type { ClientBase } from 'pg';
import type { RunErrorKind } from '@astro/contracts';
import { storableJson } from '@astro/sync-core';

/** Rows that are kept of one item; more are only counted, by cause. */
export const KEPT_ERRORS = 10_000;

export interface NewRunError {
  readonly kind: RunErrorKind;
  /** `schema.table` of the source. */
  readonly entityType: string;
  readonly entityId: string;
  /** The field that differs or was refused; null when the whole row is meant. */
  readonly field: string | null;
  readonly code: string;
  readonly message: string;
  /** What a person can do about it. */
  readonly advice: string;
}

/** Rows that are only counted, of one cause; what is missing here differs from row to row. */
export interface ErrorCount extends Omit<NewRunError, 'entityId' | 'field'> {
  readonly rows: number;
}

/** Counts rows that are not listed; each telling counts. @param counts each cause once */
export async function countMore(client: ClientBase, itemId: string, counts: readonly ErrorCount[]): Promise<void> {
  if (counts.length > 0) await client.query(COUNT_MORE, [itemId, storableJson(counts)]);
}

/** @returns rows that were not known yet */
export async function recordErrors(
  client: ClientBase,
  itemId: string,
  errors: readonly NewRunError[],
): Promise<number> {
  if (errors.length === 0) return 0;
  const { rows } = await client.query<{ added: string }>(RECORD, [itemId, storableJson(errors), KEPT_ERRORS]);
  return Number(rows[0]?.added ?? 0);
}

/**
 * Below the limit a row that is told twice is recognised. Beyond it nothing is kept to compare with: there, each
 * telling counts.
 */
const RECORD = `
WITH told AS (
  SELECT DISTINCT ON (e.row_hash) e.* FROM (
    SELECT e.*, md5(json_build_array("entityType", "entityId", kind, field)::text) AS row_hash
    FROM ROWS FROM (json_to_recordset($2) AS ("entityType" text, "entityId" text, kind text, field text, code text,
      message text, advice text)) WITH ORDINALITY
      AS e ("entityType", "entityId", kind, field, code, message, advice, told_as)) e
  ORDER BY e.row_hash, e.told_as
), fresh AS (
  SELECT t.*, row_number() OVER (ORDER BY t.told_as) AS place FROM told t
  WHERE NOT EXISTS (SELECT FROM sync.run_errors k WHERE k.item_id = $1 AND k.row_hash = t.row_hash)
), kept AS (
  INSERT INTO sync.run_errors (item_id, entity_type, entity_id, field, kind, code, message, advice, row_hash)
  SELECT $1, "entityType", "entityId", field, kind, code, message, advice, row_hash FROM fresh
  WHERE place <= $3 - (SELECT count(*) FROM sync.run_errors k WHERE k.item_id = $1) ORDER BY place
), counted AS (
  INSERT INTO sync.run_error_groups AS g
    (item_id, kind, code, entity_type, field, rows, message, advice, first_at, last_at)
  SELECT $1, kind, code, "entityType", coalesce(field, ''), count(*), min(message), min(advice),
    clock_timestamp(), clock_timestamp()
  FROM fresh GROUP BY kind, code, "entityType", coalesce(field, '')
  ON CONFLICT ON CONSTRAINT run_error_groups_pk
  DO UPDATE SET rows = g.rows + excluded.rows, last_at = excluded.last_at
), sums AS (
  SELECT count(*) AS added, count(*) FILTER (WHERE kind = 'failed') AS failed,
    count(DISTINCT ("entityType", "entityId")) FILTER (WHERE kind <> 'failed') AS different FROM fresh
), told_item AS (
  UPDATE sync.run_items SET errors = errors + failed, different = run_items.different + sums.different FROM sums
  WHERE id = $1
)
SELECT added FROM sums`;

const COUNT_MORE = `
WITH told AS (
  SELECT * FROM json_to_recordset($2)
    AS t (kind text, code text, "entityType" text, rows bigint, message text, advice text)
), counted AS (
  INSERT INTO sync.run_error_groups AS g
    (item_id, kind, code, entity_type, field, rows, message, advice, first_at, last_at)
  SELECT $1, kind, code, "entityType", '', rows, message, advice, clock_timestamp(), clock_timestamp() FROM told
  ON CONFLICT ON CONSTRAINT run_error_groups_pk
  DO UPDATE SET rows = g.rows + excluded.rows, last_at = excluded.last_at
), sums AS (
  SELECT coalesce(sum(rows) FILTER (WHERE kind = 'failed'), 0) AS failed,
    coalesce(sum(rows) FILTER (WHERE kind <> 'failed'), 0) AS different FROM told
)
UPDATE sync.run_items SET errors = errors + failed, different = run_items.different + sums.different FROM sums
WHERE id = $1`;
