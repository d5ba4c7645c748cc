import type { Client } from 'pg';
import { BenchError } from '../errors.js';
import type { Site } from './site.js';
import { TICKETS } from './tickets.js';

const SAMPLE = 300;
type TextRow = readonly (string | null)[];

/** Random rows must equal their documents, value for value. @throws {BenchError} with the first that does not */
export async function checkTicketDocuments(site: Site, rows: number, dataSet: string = TICKETS.dataSet): Promise<void> {
  const sample = await ticketRows(site.operations, sampleIds(rows));
  const texts = await site.cache.mget(sample.map(([id]) => `{${dataSet}}:${id}`));
  sample.forEach((row, index) => {
    const document = JSON.parse(texts[index] ?? '{}') as Record<string, unknown>;
    const found = TICKETS.columns.map((column) => asPostgresText(document[column]));
    requireEqual(`document ${row[0]}`, row, found);
  });
  const count = await site.cache.dbsize();
  if (count < rows) throw new BenchError(`CacheDB holds ${count} keys, but the table ${rows} rows`);
}

/** Random rows must equal those of a copy in another database. @throws {BenchError} with the first that does not */
export async function checkTicketRows(site: Site, target: Client, rows: number): Promise<void> {
  const ids = sampleIds(rows);
  const [sample, found] = [await ticketRows(site.operations, ids), await ticketRows(target, ids)];
  sample.forEach((row, index) => requireEqual(`row ${row[0]}`, row, found[index] ?? []));
  const { rows: counts } = await target.query<{ count: string }>(`SELECT count(*) AS count FROM ${TICKETS.table}`);
  if (Number(counts[0]?.count) !== rows) {
    throw new BenchError(`the copy of the table holds ${counts[0]?.count} rows instead of ${rows}`);
  }
}

export function requireEqual(what: string, expected: unknown, found: unknown): void {
  const [a, b] = [JSON.stringify(expected), JSON.stringify(found)];
  if (a !== b) throw new BenchError(`${what} is not equal to its source: expected ${a}, found ${b}`);
}

async function ticketRows(client: Client, ids: readonly number[]): Promise<readonly TextRow[]> {
  const { rows } = await client.query<(string | null)[]>({
    text: `SELECT ${TICKETS.columns.join(', ')} FROM ${TICKETS.table} WHERE id = ANY ($1) ORDER BY id`,
    values: [ids],
    rowMode: 'array',
    types: { getTypeParser: () => (value: string) => value },
  });
  return rows;
}

function sampleIds(rows: number): readonly number[] {
  return Array.from({ length: SAMPLE }, () => 1 + Math.floor(Math.random() * rows));
}

/** A document's value as PostgreSQL writes it; a missing one is no NULL. */
function asPostgresText(value: unknown): string | null {
  if (value === undefined) return '(absent)';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' || value === null ? value : JSON.stringify(value);
}
