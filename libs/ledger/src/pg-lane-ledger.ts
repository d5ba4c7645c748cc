import type { Pool } from 'pg';
import {
  LSN_ZERO,
  formatLsn,
  parseLsn,
  type CapturedTable,
  type ChangeOp,
  type LaneChange,
  type LaneLedger,
  type LanePlace,
  type LanePage,
  type Lsn,
  type PageLimits,
  type Position,
} from '@astro/sync-core';
import { OPS } from './copy-format.js';
import type { RecentChanges } from './recent-changes.js';

/** Values stay the text that the ledger holds. */
const TEXT_ONLY = { getTypeParser: () => (value: string) => value };
const FLOOR_REFRESH_MS = 60_000;
/**
 * What a crash of SystemDB took back is stored anew, perhaps under an earlier time: the clock of the worker that stored it
 * first may have been ahead of SystemDB's. It costs a look at one partition more in the first hour of a day.
 */
const FLOOR_MARGIN = '1 hour';

type Row = readonly [
  commitLsn: string,
  seq: string,
  xid: string,
  tableId: string,
  op: string,
  key: string,
  oldKey: string | null,
  unchanged: string | null,
  after: string | null,
  totalBytes: string,
  before: string | null,
];

export interface LaneLedgerOptions {
  readonly sourceId: number;
  readonly tables: readonly CapturedTable[];
  /** The row before the change is read too; only joined data sets need it. */
  readonly withBefore: boolean;
  /** What this process has stored itself a moment ago; null: SystemDB is always asked. */
  readonly recent: RecentChanges | null;
}

/** The reading end of the ledger for one lane. See {@link LaneLedger} for its promises. */
export class PgLaneLedger implements LaneLedger {
  private readonly text: string;
  private readonly tableIds: ReadonlySet<number>;
  /** Rows before this time have been applied; lets PostgreSQL skip older partitions. */
  private floor = '-infinity';
  private floorReadAtMs = 0;

  constructor(
    private readonly pool: Pool,
    private readonly options: LaneLedgerOptions,
  ) {
    this.tableIds = new Set(options.tables.map((table) => table.id));
    this.text = readStatement([...this.tableIds], options.withBefore);
  }

  get tables(): readonly CapturedTable[] {
    return this.options.tables;
  }

  async capturedTo(): Promise<Lsn> {
    const { rows } = await this.pool.query<{ safe_lsn: string | null }>(
      'SELECT safe_lsn FROM sync.sources WHERE id = $1',
      [this.options.sourceId],
    );
    return rows[0]?.safe_lsn ? parseLsn(rows[0].safe_lsn) : LSN_ZERO;
  }

  async read(from: LanePlace, limits: PageLimits): Promise<LanePage> {
    const { withBefore, recent } = this.options;
    const page = recent?.read({ ...from, tableIds: this.tableIds, withBefore }, limits);
    return page ?? this.query(from.position, limits);
  }

  isAppliedTo(until: Lsn, from: LanePlace): boolean {
    const { withBefore, recent } = this.options;
    return recent?.isReadTo(until, { ...from, tableIds: this.tableIds, withBefore }) ?? false;
  }

  private async query(position: Position, limits: PageLimits): Promise<LanePage> {
    await this.refreshFloor(position);
    const page = await this.readPage(position, limits);
    const { maxAtomicRows = limits.maxRows } = limits;
    if (page.cut !== 'rows' || maxAtomicRows <= limits.maxRows) return this.finish(page);
    const whole = await this.readPage(position, { ...limits, maxRows: maxAtomicRows });
    return whole.cut === null ? { changes: firstTransaction(whole.changes), partial: false } : this.finish(whole);
  }

  /** A page that its bytes cut may by chance end where the transaction does: then nothing follows that would end it. */
  private async finish({ changes, cut }: CutPage): Promise<LanePage> {
    const last = changes[changes.length - 1];
    if (cut === null || !last) return { changes, partial: false };
    return { changes, partial: cut === 'rows' || (await this.goesOn(last)) };
  }

  private async goesOn({ commitLsn, seq }: Position): Promise<boolean> {
    const { rows } = await this.pool.query<{ more: boolean }>(
      `SELECT EXISTS (SELECT FROM sync.ledger_changes WHERE table_id = ANY ($1)
         AND commit_lsn = $2::pg_lsn AND seq > $3::int AND created_at >= $4::timestamptz) AS more`,
      [this.tables.map(({ id }) => id), formatLsn(commitLsn), seq, this.floor],
    );
    return rows[0]?.more === true;
  }

  private async readPage(position: Position, limits: PageLimits): Promise<CutPage> {
    const values = [formatLsn(position.commitLsn), position.seq, this.floor, limits.maxRows + 1, limits.maxBytes];
    const { rows } = await this.pool.query<Row[]>({
      name: `lane-${this.tables.map((table) => table.id).join('-')}-${this.options.withBefore ? 'b' : 'a'}`,
      text: this.text,
      values,
      rowMode: 'array',
      types: TEXT_ONLY,
    });
    return toPage(rows as unknown as Row[], limits);
  }

  async recentXids(count: number): Promise<readonly number[]> {
    const { rows } = await this.pool.query<{ xid: string }>({
      text: `SELECT xid FROM sync.ledger_transactions WHERE source_id = $1 ORDER BY commit_lsn DESC LIMIT $2`,
      values: [this.options.sourceId, count],
      types: TEXT_ONLY,
    });
    return rows.map((row) => Number(row.xid));
  }

  async countPending(position: Position, until: Lsn): Promise<number> {
    await this.refreshFloor(position);
    const { rows } = await this.pool.query<{ n: string }>(
      `SELECT count(*) AS n FROM sync.ledger_changes WHERE table_id = ANY ($1)
         AND (commit_lsn, seq) > ($2::pg_lsn, $3::int) AND commit_lsn < $4::pg_lsn AND created_at >= $5::timestamptz`,
      [this.tables.map(({ id }) => id), formatLsn(position.commitLsn), position.seq, formatLsn(until), this.floor],
    );
    return Number(rows[0]?.n ?? 0);
  }

  private async refreshFloor(position: Position): Promise<void> {
    const now = Date.now();
    if (now - this.floorReadAtMs < FLOOR_REFRESH_MS) return;
    this.floorReadAtMs = now;
    const { rows } = await this.pool.query<{ created_at: string }>({
      text: `SELECT created_at - interval '${FLOOR_MARGIN}' AS created_at FROM sync.ledger_transactions
             WHERE source_id = $1 AND commit_lsn <= $2 ORDER BY commit_lsn DESC LIMIT 1`,
      values: [this.options.sourceId, formatLsn(position.commitLsn)],
      types: TEXT_ONLY,
    });
    this.floor = rows[0]?.created_at ?? '-infinity';
  }
}

/**
 * Reads each table's next rows by its index and merges them in commit order. The running total of bytes cuts the
 * page before large values are fetched; at least one row always comes.
 */
function readStatement(tableIds: readonly number[], withBefore: boolean): string {
  const columns = `commit_lsn, seq, xid, table_id, op, key, old_key, unchanged, after, bytes${withBefore ? ', before' : ''}`;
  const parts = tableIds.map(
    (id) => `(SELECT ${columns} FROM sync.ledger_changes WHERE table_id = ${id}
      AND (commit_lsn, seq) > ($1::pg_lsn, $2::int) AND created_at >= $3::timestamptz
      ORDER BY commit_lsn, seq LIMIT $4::int)`,
  );
  return `SELECT commit_lsn, seq, xid, table_id, op, key, old_key, unchanged, after, total${withBefore ? ', before' : ''}
    FROM (SELECT *, sum(bytes) OVER (ORDER BY commit_lsn, seq ROWS UNBOUNDED PRECEDING) AS total
      FROM (SELECT * FROM (${parts.join(' UNION ALL ')}) merged ORDER BY commit_lsn, seq LIMIT $4::int) next) page
    WHERE total - bytes < $5::bigint ORDER BY commit_lsn, seq`;
}

interface CutPage {
  readonly changes: readonly LaneChange[];
  /** What ended the page inside a transaction, or perhaps at its end; null: all transactions are whole. */
  readonly cut: 'rows' | 'bytes' | null;
}

function firstTransaction(changes: readonly LaneChange[]): readonly LaneChange[] {
  const end = changes.findIndex(({ commitLsn }) => commitLsn !== changes[0]?.commitLsn);
  return end === -1 ? changes : changes.slice(0, end);
}

function toPage(rows: readonly Row[], limits: PageLimits): CutPage {
  const changes = toChanges(rows);
  const overRows = changes.length > limits.maxRows;
  const overBytes = rows.length > 0 && Number((rows[rows.length - 1] as Row)[9]) >= limits.maxBytes;
  if (!overRows && !overBytes) return { changes, cut: null };
  const kept = overRows ? changes.length - 1 : changes.length;
  const next = overRows ? changes[kept] : undefined;
  // The transaction after the cut is known only when the page was cut by rows; else the last one may go on.
  const cutLsn = next?.commitLsn ?? (changes[kept - 1] as LaneChange).commitLsn;
  let end = kept;
  while (end > 0 && (changes[end - 1] as LaneChange).commitLsn === cutLsn) end--;
  if (end > 0) return { changes: changes.slice(0, end), cut: null };
  return { changes: changes.slice(0, kept), cut: overRows ? 'rows' : 'bytes' };
}

function toChanges(rows: readonly Row[]): LaneChange[] {
  let lsnText = '';
  let commitLsn = LSN_ZERO;
  return rows.map((row) => {
    if (row[0] !== lsnText) {
      lsnText = row[0];
      commitLsn = parseLsn(lsnText);
    }
    return {
      commitLsn,
      seq: Number(row[1]),
      xid: Number(row[2]),
      tableId: Number(row[3]),
      op: OPS[row[4]] as ChangeOp,
      key: row[5],
      oldKey: row[6],
      unchanged: row[7] === null ? null : (JSON.parse(row[7]) as string[]),
      after: row[8],
      before: row[10] ?? null,
    };
  });
}
