import type { Redis } from 'ioredis';
import type { Client } from 'pg';

/** Reads PostgreSQL's own text of every value: nothing is rounded on the way. */
const AS_TEXT = { getTypeParser: () => (value: string) => value };

type TextRow = Readonly<Record<string, string | null>>;

export async function textRows(client: Client, sql: string): Promise<readonly TextRow[]> {
  const { rows } = await client.query<TextRow>({ text: sql, types: AS_TEXT });
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
