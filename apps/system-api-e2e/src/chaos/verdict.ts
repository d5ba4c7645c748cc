import type { Client } from 'pg';
import type { Change } from './shop-state.js';

/** A change as one text; no two changes of the writer have the same. */
export function identity({ table, op, key, version }: Change): string {
  return `${op} ${table} ${key} version ${version ?? 'none'}`;
}

interface RecordedRow {
  readonly table: string;
  readonly op: string;
  readonly key: string;
  readonly version: string | null;
}

/** What the ledger says happened, one text per row, from the table and from the view that people read. */
export async function recordedChanges(system: Client): Promise<{ ledger: string[]; jobQueue: string[] }> {
  const ledger = await system.query<RecordedRow>(
    `SELECT t.table_name AS table, c.key, c.after::json ->> 'version' AS version,
       CASE c.op WHEN 'i' THEN 'insert' WHEN 'u' THEN 'update' WHEN 'd' THEN 'delete' ELSE c.op::text END AS op
     FROM sync.ledger_changes c JOIN sync.ledger_tables t ON t.id = c.table_id`,
  );
  const jobQueue = await system.query<RecordedRow>(
    `SELECT split_part(entity_type, '.', 2) AS table, entity_id AS key, data ->> 'op' AS op,
       data -> 'after' ->> 'version' AS version
     FROM public.job_queue WHERE job_type = 'realtime'`,
  );
  const toText = (row: RecordedRow) => `${row.op} ${row.table} ${row.key} version ${row.version ?? 'none'}`;
  return { ledger: ledger.rows.map(toText), jobQueue: jobQueue.rows.map(toText) };
}

/** What is missing and what is there more than once, or though nobody did it. At most a few of each are named. */
export function compareCounts(wanted: readonly string[], found: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of found) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const name of wanted) counts.set(name, (counts.get(name) ?? 0) - 1);
  return [...counts].flatMap(([name, count]) =>
    count === 0 ? [] : [count < 0 ? `missing: ${name}` : `${count} too many: ${name}`],
  );
}
