import { Injectable } from '@nestjs/common';
import { type AuditEntry, type AuditFilter, type AuditPage, type AuditQuery } from '@astro/contracts';
import { Connections } from '../shared/connections.js';
import { decodeCursor, idPosition, pageOf } from '../shared/cursor.js';
import { asTooSlow } from '../shared/too-slow.js';
import { auditSelect, WORD_INDEX, type AuditRange } from './audit-sql.js';

/** Rows that an export reads at a time. */
const EXPORT_BATCH = 1_000;
/** Entries among which a word is looked for without its index. */
const WALK = 2_000n;
/** Less than this in one piece has no trigram, by which the index could find it. */
const HAS_TRIGRAM = /[\p{L}\p{N}]{3}/u;

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

  /**
   * A frequent word, or name, is soon met on the way back from the newest entry, a rare one only by its index. Which it
   * is nobody knows beforehand, PostgreSQL included, so a short walk tries. Where the index cannot help, the walk goes on,
   * each time twice as far: PostgreSQL would take most words for too rare to be met on the way, and look at every entry.
   */
  private async read(filter: AuditFilter, page: AuditRange): Promise<readonly AuditRow[]> {
    const word = filter.text ?? filter.actor;
    if (word === undefined) return this.find(filter, page);
    const found: AuditRow[] = [];
    let before = BigInt(page.before ?? (await this.next()));
    let isIndexed: boolean | undefined;
    for (let far = WALK; ; far *= 2n) {
      const rest = { before: String(before), limit: page.limit - found.length };
      if (isIndexed === true || before <= far) {
        return [...found, ...(await this.find(filter, { ...rest, sorted: isIndexed === true }))];
      }
      before -= far;
      found.push(...(await this.find(filter, { ...rest, from: String(before) })));
      if (found.length >= page.limit) return found;
      isIndexed ??= await this.isIndexed(word);
    }
  }

  private async isIndexed(text: string): Promise<boolean> {
    return HAS_TRIGRAM.test(text) && (await this.connections.searches.query(WORD_INDEX)).rows.length > 0;
  }

  private async next(): Promise<bigint> {
    return BigInt(await this.newest()) + 1n;
  }

  private async find(filter: AuditFilter, range: AuditRange): Promise<readonly AuditRow[]> {
    const { text, values } = auditSelect(filter, range);
    return (await this.connections.searches.query<AuditRow>(text, values).catch(asTooSlow)).rows;
  }
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
