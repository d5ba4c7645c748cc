import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import type { Change } from './shop-state.js';

/** Reads PostgreSQL's own text of every value: nothing is rounded on the way. */
const AS_TEXT = { getTypeParser: () => (value: string) => value };

type TextRow = Readonly<Record<string, string | null>>;

export async function textRows(client: Client, sql: string): Promise<readonly TextRow[]> {
  const { rows } = await client.query<TextRow>({ text: sql, types: AS_TEXT as never });
  return rows;
}

/** Every document under a prefix, each value as text, in the order of the keys. */
export async function documentRows(redis: Redis, prefix: string): Promise<readonly TextRow[]> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const [next, page] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1000);
    cursor = next;
    for (const key of page) keys.add(key);
  } while (cursor !== '0');
  const sorted = [...keys].sort((a, b) => Number(a.slice(prefix.length)) - Number(b.slice(prefix.length)));
  const documents = sorted.length === 0 ? [] : await redis.mget(sorted);
  return documents.map((document, i) => {
    const fields = JSON.parse(document ?? 'null') as Record<string, string | number | null>;
    const row = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, value === null ? null : String(value)]),
    );
    if (row['id'] !== sorted[i]?.slice(prefix.length)) throw new Error(`${sorted[i]} holds the row ${row['id']}`);
    return row;
  });
}

/** Rows that are not the same on both sides; empty when all are equal. */
export function differences(wanted: readonly TextRow[], found: readonly TextRow[]): readonly string[] {
  const have = new Map(found.map((row) => [row['id'], row]));
  const problems = wanted.flatMap((row) => {
    const other = have.get(row['id'] ?? '');
    have.delete(row['id'] ?? '');
    if (!other) return [`missing: ${JSON.stringify(row)}`];
    const isEqual =
      Object.keys(row).length === Object.keys(other).length &&
      Object.entries(row).every(([name, value]) => other[name] === value);
    return isEqual ? [] : [`not equal: ${JSON.stringify(row)} is ${JSON.stringify(other)}`];
  });
  return [...problems, ...[...have.values()].map((row) => `too much: ${JSON.stringify(row)}`)];
}

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
