import type { ClientBase, Pool } from 'pg';
import type { RunError, RunErrorGroup, RunErrorKind } from '@astro/contracts';

export interface ErrorFilter {
  /** In the order of their finding, after this id. */
  readonly after?: string | undefined;
  readonly limit: number;
  readonly kind?: RunErrorKind | undefined;
  readonly dataSet?: string | undefined;
  readonly code?: string | undefined;
}

type Db = ClientBase | Pool;

const FILTER = `($2::text IS NULL OR e.kind = $2) AND ($3::text IS NULL OR i.data_set = $3)
  AND ($4::text IS NULL OR e.code = $4)`;

/** Rows that failed or differ, of all data sets of a run; one more than `limit` when there are more. */
export async function listErrors(db: Db, runId: string, filter: ErrorFilter): Promise<readonly RunError[]> {
  const { rows } = await db.query<Omit<RunError, 'occurredAt'> & { at: Date }>(
    `SELECT e.id, i.data_set AS "dataSet", e.kind, e.entity_type AS "entityType", e.entity_id AS "entityId", e.field,
       e.code, e.message, e.advice, e.occurred_at AS at
     FROM sync.run_errors e JOIN sync.run_items i ON i.id = e.item_id
     WHERE i.run_id = $1 AND ${FILTER} AND ($5::bigint IS NULL OR e.id > $5) ORDER BY e.id LIMIT $6`,
    [...filters(runId, filter), filter.after ?? null, filter.limit + 1],
  );
  return rows.map(({ at, ...row }) => ({ ...row, occurredAt: at.toISOString() }));
}

/** One entry for each cause, most rows first; at most 200. */
export async function listErrorGroups(db: Db, runId: string, filter: ErrorFilter): Promise<readonly RunErrorGroup[]> {
  const { rows } = await db.query<{ firstAt: Date; lastAt: Date; count: string } & Omit<RunErrorGroup, 'count'>>(
    `SELECT i.data_set AS "dataSet", e.kind, e.code, e.entity_type AS "entityType", nullif(e.field, '') AS field,
       e.rows AS count, e.message, e.advice, e.first_at AS "firstAt", e.last_at AS "lastAt"
     FROM sync.run_error_groups e JOIN sync.run_items i ON i.id = e.item_id
     WHERE i.run_id = $1 AND ${FILTER} ORDER BY e.rows DESC, i.data_set, e.kind, e.code, e.entity_type, e.field
     LIMIT 200`,
    filters(runId, filter),
  );
  return rows.map((row) => ({
    ...row,
    count: Number(row.count),
    firstAt: row.firstAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
  }));
}

/** Every row that was told, also those that are only counted. */
export async function countErrors(db: Db, runId: string, filter: ErrorFilter): Promise<number> {
  const { rows } = await db.query<{ count: string }>(
    `SELECT coalesce(sum(e.rows), 0) AS count FROM sync.run_error_groups e JOIN sync.run_items i ON i.id = e.item_id
     WHERE i.run_id = $1 AND ${FILTER}`,
    filters(runId, filter),
  );
  return Number(rows[0]?.count ?? 0);
}

function filters(runId: string, { kind, dataSet, code }: ErrorFilter): unknown[] {
  return [runId, kind ?? null, dataSet ?? null, code ?? null];
}
