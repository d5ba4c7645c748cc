import type { ClientBase } from 'pg';
import { OlderCatalogueError, parseLsn, type CapturePosition } from '@astro/sync-core';

export interface WriterPlace {
  /** What each append has to name; a later writer has a higher one. */
  readonly writer: string;
  /** The clock of SystemDB, but never before what an earlier writer has stored: lanes rely on the order. */
  readonly nowMs: number;
  readonly position: CapturePosition | null;
  readonly gap: string | null;
}

/**
 * Fences out every earlier writer of a source. The lock comes first: whoever registers more tables meanwhile waits, and
 * then fences this writer out. The commit waits for the disk, and with it whatever the writer before did not wait for:
 * the position may be acknowledged (P2).
 * @throws {OlderCatalogueError} when a lane reads a table besides these; nobody is fenced out
 */
export async function becomeWriter(
  client: ClientBase,
  sourceId: number,
  tableIds: readonly number[],
): Promise<WriterPlace> {
  await client.query('BEGIN');
  await client.query('SELECT FROM sync.sources WHERE id = $1 FOR NO KEY UPDATE', [sourceId]);
  const unknown = await client.query<{ name: string }>(UNKNOWN_TABLES, [sourceId, tableIds]);
  if (unknown.rows.length > 0) throw new OlderCatalogueError(unknown.rows.map(({ name }) => name));
  const { rows } = await client.query<SourceRow>(BECOME_WRITER, [sourceId]);
  const row = rows[0];
  if (!row) throw new Error(`source ${sourceId} is not registered in SystemDB`);
  await client.query('COMMIT');
  return { writer: row.writer, nowMs: Number(row.now_ms), position: toPosition(row), gap: row.gap };
}

/** Tables of active lanes besides those of the parameter. */
const UNKNOWN_TABLES = `
SELECT DISTINCT t.schema_name || '.' || t.table_name AS name
FROM sync.ledger_lanes l JOIN sync.lane_tables m ON m.lane_id = l.id JOIN sync.ledger_tables t ON t.id = m.table_id
WHERE l.source_id = $1 AND l.active AND t.id <> ALL ($2::int[]) ORDER BY 1`;

const BECOME_WRITER = `
UPDATE sync.sources SET writer = writer + 1 WHERE id = $1
RETURNING writer, history, slot, commit_lsn, safe_lsn,
  CASE WHEN state = 'gap' THEN coalesce(reason, '') END AS gap,
  ceil(extract(epoch FROM greatest(now(), (
    SELECT t.created_at FROM sync.ledger_transactions t
    WHERE t.source_id = sources.id ORDER BY t.commit_lsn DESC LIMIT 1))) * 1000)::bigint::text AS now_ms`;

interface SourceRow {
  writer: string;
  history: string | null;
  slot: string | null;
  commit_lsn: string | null;
  safe_lsn: string | null;
  gap: string | null;
  now_ms: string;
}

function toPosition(row: SourceRow): CapturePosition | null {
  if (row.history === null || row.slot === null || row.commit_lsn === null || row.safe_lsn === null) return null;
  const { history, slot } = row;
  return { history, slot, commitLsn: parseLsn(row.commit_lsn), safeLsn: parseLsn(row.safe_lsn) };
}
