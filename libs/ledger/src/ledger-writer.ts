import { Client, escapeLiteral, type ClientConfig } from 'pg';
import { SlabWriter, joinAdjacent, withDeadline } from '@astro/runtime';
import {
  FencedError,
  LedgerUnavailableError,
  SyncError,
  formatLsn,
  type CaptureLedger,
  type CapturePosition,
  type CapturedTable,
  type ColumnRef,
  type CommitWait,
  type EncodedChanges,
  type LedgerTransaction,
  type Lsn,
  type OpenedLedger,
  type TransactionRows,
} from '@astro/sync-core';
import { becomeWriter } from './become-writer.js';
import { CopyIn } from './copy-in.js';
import { CopyRows } from './copy-rows.js';
import { RECENT_BYTES, type RecentChanges } from './recent-changes.js';
import { markGap } from './mark-gap.js';
import { stopLanes } from './publication-record.js';
import { CHANGE_COLUMNS, TRANSACTION_COLUMNS, createdAtOf, transactionLine } from './copy-format.js';

/** The writing end of the ledger for one source, on one connection. See {@link CaptureLedger} for its promises. */
export class LedgerWriter implements CaptureLedger {
  private client: Client | null = null;
  private writer = '0';
  private inTransaction = false;
  /** Where changes are put into COPY lines of `ledger_changes`. */
  private readonly encoded = new SlabWriter();
  private pending: EncodedChanges[] = [];
  private pendingBytes = 0;
  /** Sent, and not stored before the commit; null: more than is worth remembering. */
  private sent: EncodedChanges[] | null = [];
  private sentBytes = 0;
  /** Times never go back, so that partitions and lanes agree on the order. */
  private createdAt = createdAtOf(0);
  private readonly touchedTables = new Set<number>();
  private readonly columnChanges = new Map<number, readonly ColumnRef[]>();
  private readonly faults = new Map<number, string>();

  /** @param recent is told of everything that this writer commits */
  constructor(
    private readonly connection: ClientConfig,
    private readonly sourceId: number,
    private readonly recent: RecentChanges,
  ) {}

  async open(tables: readonly CapturedTable[]): Promise<OpenedLedger> {
    await this.close();
    const client = new Client(this.connection);
    this.client = client;
    try {
      client.on('error', () => undefined); // the next query reports it
      await client.connect();
      await client.query(DURABLE);
      const tableIds = tables.map(({ id }) => id);
      const { writer, nowMs, position, gap } = await becomeWriter(client, this.sourceId, tableIds);
      this.writer = writer;
      this.passTime(nowMs);
      if (position) this.recent.begin(position);
      return { position, columns: await this.readColumns(), gap };
    } catch (error) {
      throw await this.failed(error, client);
    }
  }

  begin(commitLsn: Lsn, xid: number): TransactionRows {
    this.encoded.discard(); // of a transaction that never ended
    this.passTime(Date.now());
    return new CopyRows(this.encoded, commitLsn, { xid, createdAt: this.createdAt });
  }

  private passTime(nowMs: number): void {
    if (nowMs > this.createdAt.ms) this.createdAt = createdAtOf(nowMs);
  }

  stage(changes: EncodedChanges): void {
    const bytes = changes.end - changes.start;
    if (bytes === 0) return;
    for (const tableId of changes.tableIds) this.touchedTables.add(tableId);
    this.pending.push(changes);
    this.pendingBytes += bytes;
  }

  get isFull(): boolean {
    return this.pendingBytes >= COPY_BYTES;
  }

  async flush(): Promise<void> {
    if (this.pendingBytes === 0) return;
    const { client } = this;
    try {
      await this.run(`${this.takeBegin()}${COPY_CHANGES}`, [this.takePending()]);
    } catch (error) {
      throw await this.failed(error, client);
    }
  }

  async commit(
    transactions: readonly LedgerTransaction[],
    position: CapturePosition,
    until: CommitWait = 'durable',
  ): Promise<void> {
    const { client } = this;
    try {
      await this.writeColumns();
      await this.writeFaults();
      const statements: string[] = until === 'visible' ? [NOT_WAITING] : [];
      const rows = [];
      if (this.pendingBytes > 0) {
        statements.push(COPY_CHANGES);
        rows.push(this.takePending());
      }
      if (transactions.length > 0) {
        statements.push(COPY_TRANSACTIONS);
        rows.push([this.transactionLines(transactions)]);
      }
      statements.push(this.advanceSql(position), 'COMMIT');
      await this.run(`${this.takeBegin()}${statements.join('; ')}`, rows);
      this.inTransaction = false;
      this.remember(position);
      this.forget();
    } catch (error) {
      throw await this.failed(error, client);
    }
  }

  stageColumns(tableId: number, columns: readonly ColumnRef[]): void {
    this.columnChanges.set(tableId, columns);
  }

  stageFault(tableId: number, reason: string): void {
    this.faults.set(tableId, reason);
  }

  async markGap(reason: string): Promise<void> {
    const { client } = this;
    try {
      await markGap(this.connected(), this.sourceId, reason);
    } catch (error) {
      throw await this.failed(error, client);
    }
  }

  async close(): Promise<void> {
    const client = this.client;
    this.client = null;
    this.inTransaction = false;
    this.recent.clear();
    this.forget();
    if (client) await withDeadline(client.end(), CLOSE_DEADLINE_MS, 'closing the ledger').catch(() => undefined);
  }

  private remember(position: CapturePosition): void {
    if (this.sent === null || !this.recent.isBegun) this.recent.begin(position);
    else this.recent.add(this.sent, position.safeLsn);
  }

  private forget(): void {
    this.sent = [];
    this.sentBytes = 0;
    this.pending = [];
    this.pendingBytes = 0;
    this.touchedTables.clear();
    this.columnChanges.clear();
    this.faults.clear();
  }

  /** Notes what is sent, for {@link remember}. @returns COPY lines */
  private takePending(): readonly Buffer[] {
    const { pending } = this;
    this.sentBytes += this.pendingBytes;
    if (this.sentBytes > RECENT_BYTES) this.sent = null;
    this.sent?.push(...pending);
    this.pending = [];
    this.pendingBytes = 0;
    return joinAdjacent(pending);
  }

  private transactionLines(transactions: readonly LedgerTransaction[]): Buffer {
    return Buffer.from(transactions.map((each) => transactionLine(this.sourceId, each)).join(''), 'latin1');
  }

  /** What opens the transaction, when it is not open yet: it travels with the first statement. */
  private takeBegin(): string {
    const begin = this.inTransaction ? '' : 'BEGIN; ';
    this.inTransaction = true;
    return begin;
  }

  private run(statements: string, rows: readonly (readonly Buffer[])[]): Promise<void> {
    return this.connected().query(new CopyIn(statements, rows)).done;
  }

  private async openTransaction(): Promise<void> {
    if (!this.inTransaction) await this.query(this.takeBegin());
  }

  private async readColumns(): Promise<Map<number, readonly ColumnRef[]>> {
    const { rows } = await this.connected().query<{ id: number; columns: ColumnRef[] }>(
      'SELECT id, columns FROM sync.ledger_tables WHERE source_id = $1 AND columns IS NOT NULL',
      [this.sourceId],
    );
    return new Map(rows.map((row) => [row.id, row.columns]));
  }

  private async writeColumns(): Promise<void> {
    for (const [tableId, columns] of this.columnChanges) {
      await this.openTransaction();
      await this.query('UPDATE sync.ledger_tables SET columns = $2 WHERE id = $1', [tableId, JSON.stringify(columns)]);
    }
  }

  private async writeFaults(): Promise<void> {
    for (const [tableId, reason] of this.faults) {
      await this.openTransaction();
      await stopLanes(this.connected(), tableId, reason);
    }
  }

  /** Moves the position if this writer is still the current one, and tells the lanes in the same transaction. */
  private advanceSql({ commitLsn, safeLsn, history, slot }: CapturePosition): string {
    const place = [formatLsn(commitLsn), formatLsn(safeLsn), history, slot, [...this.touchedTables].join(',')];
    return `SELECT sync.advance_source(${this.sourceId}::smallint, ${this.writer}, ${place.map(escapeLiteral).join(', ')})`;
  }

  private query(text: string, values: unknown[] = []) {
    return this.connected().query(text, values);
  }

  private connected(): Client {
    if (!this.client) throw new Error('the ledger is not open');
    return this.client;
  }

  /**
   * After any failure nothing staged may survive: the connection goes, the server rolls back. What nobody waited for any
   * more may fail late: the connection that was opened since then stays.
   */
  private async failed(error: unknown, client: Client | null): Promise<Error> {
    if (this.client === client) await this.close();
    if ((error as { code?: unknown }).code === FENCED_STATE) return new FencedError('the capture of this source');
    return error instanceof SyncError ? error : new LedgerUnavailableError(error);
  }
}

/** What is acknowledged to the source must survive a crash of SystemDB, whatever its settings say (P2). */
const DURABLE = `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`;

/** For one transaction: its commit does not wait for the disk, nor for a standby. */
const NOT_WAITING = 'SET LOCAL synchronous_commit = off';

/** Lines are sent once this many bytes wait: few round trips, bounded memory. */
const COPY_BYTES = 1024 * 1024;
const COPY_CHANGES = `COPY sync.ledger_changes (${CHANGE_COLUMNS}) FROM STDIN`;
const COPY_TRANSACTIONS = `COPY sync.ledger_transactions (${TRANSACTION_COLUMNS}) FROM STDIN`;
/** A server that does not answer is not waited for. */
const CLOSE_DEADLINE_MS = 2000;
/** SQLSTATE that `sync.advance_source` raises for a writer that is no longer the current one. */
const FENCED_STATE = 'SY001';
