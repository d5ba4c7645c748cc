import { type ClientBase, type Pool } from 'pg';

/** A table as one lane reads it. */
export interface LaneTable {
  readonly tableId: number;
  /** `schema.name` */
  readonly name: string;
  readonly keyColumns: readonly string[];
  /** Changes before this are not the lane's. */
  readonly sinceLsn: string;
}

export interface LedgerLane {
  readonly id: number;
  readonly dataSet: string;
  readonly sourceId: number;
  readonly jobType: 'realtime' | 'batch';
  readonly positionLsn: string | null;
  readonly positionSeq: number | null;
  readonly tables: readonly LaneTable[];
}

interface Row extends Omit<LedgerLane, 'tables'> {
  readonly tables: readonly LaneTable[] | null;
}

/** Every lane that is or was declared, with its tables. */
export async function readLanes(db: ClientBase | Pool): Promise<readonly LedgerLane[]> {
  const { rows } = await db.query<Row>(LANES);
  return rows.map((row) => ({ ...row, tables: row.tables ?? [] }));
}

const LANES = `
SELECT l.id, l.data_set AS "dataSet", l.source_id AS "sourceId", l.job_type AS "jobType",
  l.position_lsn AS "positionLsn", l.position_seq AS "positionSeq",
  json_agg(json_build_object('tableId', t.id, 'name', t.schema_name || '.' || t.table_name,
    'keyColumns', t.key_columns, 'sinceLsn', m.since_lsn) ORDER BY t.id) FILTER (WHERE t.id IS NOT NULL) AS tables
FROM sync.ledger_lanes l
LEFT JOIN sync.lane_tables m ON m.lane_id = l.id
LEFT JOIN sync.ledger_tables t ON t.id = m.table_id
GROUP BY l.id ORDER BY l.id`;
