import { type Pool } from 'pg';
import { type Change } from '@astro/contracts';
import { type Subject } from './subject.js';

/**
 * The error with which a key was set aside and waits. The ledger need not know a change of it: a copy, too, can meet a row
 * that the target does not take.
 */
export async function openFailure(systemDb: Pool, { dataSet, key, source }: Subject): Promise<Change['error']> {
  const { rows } = await systemDb.query<NonNullable<Change['error']>>(OPEN_FAILURE, [
    ...[dataSet, key],
    ...[source.schema, source.name],
  ]);
  return rows[0] ?? null;
}

const OPEN_FAILURE = `
SELECT f.code, f.message FROM sync.lane_failures f
JOIN sync.ledger_lanes l ON l.id = f.lane_id
JOIN sync.ledger_tables t ON t.id = f.table_id
WHERE l.data_set = $1 AND l.active AND f.key = $2 AND t.schema_name = $3 AND t.table_name = $4 AND f.status = 'failed'
ORDER BY f.last_at DESC LIMIT 1`;
