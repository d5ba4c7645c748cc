import type { ClientBase, Pool } from 'pg';
import type { ErrorCount, NewRunError } from './error-rows.js';
import type { ProgressCounters } from './rows.js';

/** A range of keys of one table: after `fromKey`, up to and with `toKey`; null is the end of the table. */
export interface KeyRange {
  /** `ledger_tables.id` */
  readonly tableId: number;
  readonly fromKey: readonly string[] | null;
  readonly toKey: readonly string[] | null;
}

export interface NewChunk extends KeyRange {
  /** Counts the chunks of an item from 0; adding one twice changes nothing. */
  readonly seq: number;
}

export interface ClaimedChunk extends NewChunk {
  readonly chunkId: string;
  readonly itemId: string;
  /** More than 1: another worker had it and fell silent; its writes may have happened. */
  readonly attempts: number;
  /** What the item keeps for whoever works on it, as it was when the chunk was taken. */
  readonly stateData: unknown;
}

export interface ChunkResult {
  readonly counters: ProgressCounters;
  readonly errors?: readonly NewRunError[];
  /** Rows beyond `errors`. */
  readonly more?: readonly ErrorCount[];
}

interface ChunkRow {
  readonly id: string;
  readonly item_id: string;
  readonly seq: number;
  readonly table_id: number;
  readonly from_key: string[] | null;
  readonly to_key: string[] | null;
  readonly attempts: number;
  readonly state_data: unknown;
}

export async function addChunks(client: ClientBase, itemId: string, chunks: readonly NewChunk[]): Promise<void> {
  const rows = chunks.map(({ seq, tableId, fromKey, toKey }) => ({
    seq,
    table_id: tableId,
    from_key: fromKey,
    to_key: toKey,
  }));
  await client.query(
    `INSERT INTO sync.run_chunks (item_id, seq, table_id, from_key, to_key)
     SELECT $1, seq, table_id, from_key, to_key
     FROM json_to_recordset($2) AS c (seq integer, table_id integer, from_key text[], to_key text[])
     ON CONFLICT ON CONSTRAINT run_chunks_seq_once DO NOTHING`,
    [itemId, JSON.stringify(rows)],
  );
}

/** Those of a run with a rate are left to who holds the item: nobody else keeps to it. A preview keeps to none. */
export async function claimChunk(
  pool: Pool,
  { worker, itemIds, leaseS }: { worker: string; itemIds: readonly string[]; leaseS: number },
): Promise<ClaimedChunk | null> {
  const { rows } = await pool.query<ChunkRow>(
    `WITH next AS (
       SELECT c.id, i.state_data FROM sync.run_chunks c
       JOIN sync.run_items i ON i.id = c.item_id AND i.state = 'running' JOIN sync.runs r ON r.id = i.run_id
       WHERE c.item_id = ANY ($2::bigint[]) AND r.state IN ('planning', 'running', 'verifying')
         AND (i.worker = $1 OR i.is_preview OR r.rate_limit_rows_per_s IS NULL)
         AND (c.state = 'waiting' OR c.state = 'running' AND c.lease_until < clock_timestamp())
       ORDER BY c.item_id, c.seq LIMIT 1 FOR UPDATE OF c SKIP LOCKED)
     UPDATE sync.run_chunks c SET state = 'running', worker = $1,
       lease_until = clock_timestamp() + make_interval(secs => $3), attempts = attempts + 1
     FROM next WHERE c.id = next.id RETURNING c.*, next.state_data`,
    [worker, itemIds, leaseS],
  );
  const row = rows[0];
  if (!row) return null;
  const { id, item_id: itemId, seq, attempts, state_data: stateData } = row;
  const range = { tableId: row.table_id, fromKey: row.from_key, toKey: row.to_key };
  return { chunkId: id, itemId, seq, attempts, stateData, ...range };
}

/** @returns false when the worker does not hold it any more */
export async function finishChunk(
  client: ClientBase,
  { chunkId, worker, counters }: { chunkId: string; worker: string; counters: ProgressCounters },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE sync.run_chunks SET state = 'done', worker = NULL, lease_until = NULL, counters = $3
     WHERE id = $1 AND worker = $2 AND state = 'running'`,
    [chunkId, worker, counters],
  );
  return rowCount === 1;
}
