import type { Pool } from 'pg';
import type { VerifyCounts, VerifyPart } from '@astro/apply';
import type { ClaimedChunk, NewChunk } from '@astro/runs';
import { LEASE_S } from '@astro/runs';

/** What every part of a comparison found, together. */
export type PartSums = VerifyCounts;

/** A range that ends before it begins cannot be; it stands for the keys that only the target has. */
const EXTRAS: readonly string[] = [];

export function chunkOf(part: VerifyPart, seq: number): NewChunk {
  if (part.kind === 'extras') return { seq, tableId: part.tableId, fromKey: null, toKey: EXTRAS };
  return { seq, tableId: part.tableId, fromKey: part.from, toKey: part.to };
}

export function partOf({ tableId, fromKey, toKey }: ClaimedChunk): VerifyPart {
  if (toKey?.length === 0) return { kind: 'extras', tableId };
  return { kind: 'range', tableId, from: fromKey, to: toKey };
}

/** What is asked of the stored chunks of comparisons besides taking and ending them. */
export class PartLedger {
  constructor(private readonly pool: Pool) {}

  /** Chunks from this one on. */
  async progress(itemId: string, firstSeq: number): Promise<{ readonly all: number; readonly open: number }> {
    const { rows } = await this.pool.query<{ all: string; open: string }>(
      `SELECT count(*) AS all, count(*) FILTER (WHERE state <> 'done') AS open FROM sync.run_chunks
       WHERE item_id = $1 AND seq >= $2`,
      [itemId, firstSeq],
    );
    return { all: Number(rows[0]?.all ?? 0), open: Number(rows[0]?.open ?? 0) };
  }

  async sums(itemId: string, firstSeq: number): Promise<PartSums> {
    const { rows } = await this.pool.query<Record<keyof PartSums, string | null>>(
      `SELECT ${['rows', 'same', 'missing', 'different', 'extra', 'notChecked']
        .map((name) => `sum((counters -> 'found' ->> '${name}')::bigint) AS "${name}"`)
        .join(', ')}
       FROM sync.run_chunks WHERE item_id = $1 AND seq >= $2`,
      [itemId, firstSeq],
    );
    const of = (name: keyof PartSums) => Number(rows[0]?.[name] ?? 0);
    return {
      rows: of('rows'),
      same: of('same'),
      missing: of('missing'),
      different: of('different'),
      extra: of('extra'),
      notChecked: of('notChecked'),
    };
  }

  /** Rows that were found to differ and are kept one by one, whatever number of their fields is. */
  async keptRows(itemId: string): Promise<number> {
    const { rows } = await this.pool.query<{ kept: string }>(
      `SELECT count(DISTINCT (entity_type, entity_id)) AS kept FROM sync.run_errors
       WHERE item_id = $1 AND kind <> 'failed'`,
      [itemId],
    );
    return Number(rows[0]?.kept ?? 0);
  }

  /** A part may take longer than a lease. @returns false when another worker has it */
  async renew(chunkId: string, worker: string): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `UPDATE sync.run_chunks SET lease_until = clock_timestamp() + make_interval(secs => $3)
       WHERE id = $1 AND worker = $2 AND state = 'running'`,
      [chunkId, worker, LEASE_S],
    );
    return rowCount === 1;
  }

  /** Items of other workers with parts that nobody works on. Those with a rate are left to who holds them. */
  async toHelp(worker: string): Promise<readonly HelpWanted[]> {
    const { rows } = await this.pool.query<HelpWanted>(
      `SELECT i.id AS "itemId", i.data_set AS "dataSet", i.is_preview AS "isPreview"
       FROM sync.run_items i JOIN sync.runs r ON r.id = i.run_id
       WHERE i.state = 'running' AND i.worker <> $1 AND r.state IN ('planning', 'running', 'verifying')
         AND (r.rate_limit_rows_per_s IS NULL OR i.is_preview)
         AND EXISTS (SELECT FROM sync.run_chunks c WHERE c.item_id = i.id
           AND (c.state = 'waiting' OR c.state = 'running' AND c.lease_until < clock_timestamp()))`,
      [worker],
    );
    return rows;
  }
}

export interface HelpWanted {
  readonly itemId: string;
  readonly dataSet: string;
  readonly isPreview: boolean;
}
