import type { Pool } from 'pg';
import type { PreviewFigures } from '@astro/runs';

/** What is captured and not applied: what an incremental run would bring now. */
export async function readPending(pool: Pool, laneId: number): Promise<PreviewFigures> {
  const { rows } = await pool.query<{ op: string; n: string }>(
    `SELECT c.op, count(*) AS n FROM sync.ledger_lanes l JOIN sync.lane_tables m ON m.lane_id = l.id
     JOIN sync.ledger_changes c ON c.table_id = m.table_id AND c.commit_lsn >= m.since_lsn
       AND (c.commit_lsn, c.seq) > (coalesce(l.position_lsn, '0/0'), coalesce(l.position_seq, -1))
     WHERE l.id = $1 GROUP BY c.op`,
    [laneId],
  );
  const of = (op: string) => Number(rows.find((row) => row.op === op)?.n ?? 0);
  const all = rows.reduce((sum, { n }) => sum + Number(n), 0);
  return { rows: all, inserts: of('i'), changes: of('u'), removals: of('d'), same: 0, targetRows: 0 };
}
