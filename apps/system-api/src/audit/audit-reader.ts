import { Injectable } from '@nestjs/common';
import { type AuditEntry, type AuditFilter, type AuditPage, type AuditQuery } from '@astro/contracts';
import { Connections } from '../shared/connections.js';
import { decodeCursor, idPosition, pageOf } from '../shared/cursor.js';
import { asTooSlow } from '../shared/too-slow.js';

const COLUMNS = `id, "timestamp", action, entity_type, entity_id, result, details, initiator_kind, initiator_id,
  initiator_name, service, address, request_id, correlation_id`;
/** Rows that an export reads at a time. */
const EXPORT_BATCH = 1_000;

interface AuditRow {
  readonly id: string;
  readonly timestamp: Date;
  readonly action: string;
  readonly entity_type: string;
  readonly entity_id: string | null;
  readonly result: AuditEntry['result'];
  readonly details: Record<string, unknown>;
  readonly initiator_kind: AuditEntry['initiator']['kind'];
  readonly initiator_id: string | null;
  readonly initiator_name: string;
  readonly service: string;
  readonly address: string | null;
  readonly request_id: string | null;
  readonly correlation_id: string | null;
}

/** Finds audit entries, newest first. A search that takes too long is a problem 422. */
@Injectable()
export class AuditReader {
  constructor(private readonly connections: Connections) {}

  async page({ limit, cursor, ...filter }: AuditQuery): Promise<AuditPage> {
    const before = cursor === undefined ? null : decodeCursor(cursor, idPosition)[0];
    const rows = await this.read(filter, { before, limit: limit + 1 });
    return pageOf(rows, limit, { item: entryOf, position: (row) => [row.id] });
  }

  /** The newest id now: an export ends where it began, although entries are written meanwhile. */
  async newest(): Promise<string> {
    const sql = 'SELECT max(id) AS id FROM public.entry_log';
    const { rows } = await this.connections.searches.query<{ id: string | null }>(sql);
    return rows[0]?.id ?? '0';
  }

  /** Every entry up to `newest` that fits, newest first, a bounded number in memory. */
  async *all(filter: AuditFilter, newest: string): AsyncGenerator<AuditEntry> {
    let before = String(BigInt(newest) + 1n);
    for (;;) {
      const rows = await this.read(filter, { before, limit: EXPORT_BATCH });
      for (const row of rows) yield entryOf(row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < EXPORT_BATCH) return;
      before = last.id;
    }
  }

  private async read(filter: AuditFilter, { before, limit }: { before: string | null; limit: number }) {
    const { sql, values } = conditions(filter, before);
    const text = `SELECT ${COLUMNS} FROM public.entry_log ${sql} ORDER BY id DESC LIMIT $${values.length + 1}`;
    const found = this.connections.searches.query<AuditRow>(text, [...values, limit]);
    return (await found.catch(asTooSlow)).rows;
  }
}

/** Column and comparison of each filter; the value is always a parameter. */
const FILTERS: Readonly<Record<keyof AuditFilter, (value: string) => string>> = {
  actor: (value) => `(initiator_id = ${value} OR initiator_name ILIKE '%' || ${escaped(value)} || '%')`,
  service: (value) => `service = ${value}`,
  action: (value) => `(action = ${value} OR action LIKE ${escaped(value)} || '.%')`,
  entityType: (value) => `entity_type = ${value}`,
  entityId: (value) => `entity_id = ${value}`,
  result: (value) => `result = ${value}`,
  from: (value) => `"timestamp" >= ${value}::timestamptz`,
  to: (value) => `"timestamp" < ${value}::timestamptz`,
  correlationId: (value) => `correlation_id = ${value}`,
  text: (value) =>
    `concat_ws(' ', initiator_name, action, entity_type, entity_id, details::text) ILIKE '%' || ${escaped(value)} || '%'`,
};

/** The parameter with the signs that LIKE takes for itself made plain. */
function escaped(parameter: string): string {
  return `regexp_replace(${parameter}, '([\\\\%_])', '\\\\\\1', 'g')`;
}

function conditions(filter: AuditFilter, before: string | null): { sql: string; values: string[] } {
  const values: string[] = [];
  const parts: string[] = [];
  for (const [name, condition] of Object.entries(FILTERS)) {
    const value = filter[name as keyof AuditFilter];
    if (value === undefined) continue;
    values.push(value.replaceAll('\u0000', ''));
    parts.push(condition(`$${values.length}`));
  }
  if (before !== null) {
    values.push(before);
    parts.push(`id < $${values.length}::bigint`);
  }
  return { sql: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values };
}

function entryOf(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    timestamp: row.timestamp.toISOString(),
    initiator: { kind: row.initiator_kind, id: row.initiator_id, name: row.initiator_name },
    service: row.service,
    action: row.action,
    entityType: row.entity_type,
    entityId: row.entity_id,
    result: row.result,
    details: row.details,
    address: row.address,
    requestId: row.request_id,
    correlationId: row.correlation_id,
  };
}
