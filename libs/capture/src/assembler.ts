import {
  DecodeError,
  ORIGIN_MESSAGE_PREFIX,
  UNKNOWN_ORIGIN,
  assertNever,
  parseOrigin,
  tableName,
  type CapturedTable,
  type ColumnRef,
  type EncodedChanges,
  type LedgerChange,
  type LedgerTransaction,
  type Lsn,
  type Origin,
  type TransactionRows,
} from '@astro/sync-core';
import type {
  Begin,
  Commit,
  Delete,
  Insert,
  LogicalMessage,
  PgoutputMessage,
  Relation,
  Truncate,
  Update,
} from '@astro/pgoutput';
import { SlabWriter } from '@astro/runtime';
import { RowMapper, tableChange } from './row-mapper.js';

/** A piece of one source transaction; `end` closes it. */
export interface TransactionPart {
  readonly commitLsn: Lsn;
  readonly changes: EncodedChanges;
  /** Columns of tables that are new or changed, to be stored with the part. */
  readonly columns: ReadonlyMap<number, readonly ColumnRef[]>;
  /** Tables whose changes were passed over, and why. */
  readonly faults: ReadonlyMap<number, string>;
  readonly end: { readonly transaction: LedgerTransaction; readonly endLsn: Lsn } | null;
}

export interface AssemblerOptions {
  readonly tables: readonly CapturedTable[];
  /** The columns last stored of each table. */
  readonly columns: ReadonlyMap<number, readonly ColumnRef[]>;
  /** Transactions up to this commit position are stored already: a replay (W6). */
  readonly storedUpTo: Lsn;
  /** A transaction larger than this is handed on in parts. */
  readonly maxPartBytes: number;
  /** Puts changes into the form in which they are stored, so that nothing else of them has to be kept. */
  readonly beginRows: (commitLsn: Lsn, xid: number) => TransactionRows;
}

/** One for all parts: each of its own would live until the part is stored. */
const NONE: ReadonlyMap<number, never> = new Map<number, never>();

/** Builds ledger changes out of one connection's messages. Pure: no clock, no I/O. */
export class Assembler {
  private readonly tables: ReadonlyMap<string, CapturedTable>;
  private readonly columns: Map<number, readonly ColumnRef[]>;
  private readonly mappers = new Map<number, RowMapper>();
  /** Tables of which no change can be stored, by the relation's id. */
  private readonly unreadable = new Map<number, CapturedTable>();

  private begin: (Begin & { readonly rows: TransactionRows }) | null = null;
  private readonly scratch = new SlabWriter();
  private origin: Origin = UNKNOWN_ORIGIN;
  private seq = 0;
  /** Of the part that is being built; null: none, as nearly always. */
  private newColumns: Map<number, readonly ColumnRef[]> | null = null;
  private newFaults: Map<number, string> | null = null;

  constructor(private readonly options: AssemblerOptions) {
    this.tables = new Map(options.tables.map((table) => [tableName(table.table), table]));
    this.columns = new Map(options.columns);
  }

  /** True between BEGIN and COMMIT. */
  get inTransaction(): boolean {
    return this.begin !== null;
  }

  /** @returns a part to be stored, when the message completes one */
  accept(message: PgoutputMessage): TransactionPart | null {
    switch (message.kind) {
      case 'begin':
        this.start(message);
        return null;
      case 'commit':
        return this.finish(message);
      case 'relation':
        return this.describe(message);
      case 'insert':
      case 'update':
      case 'delete':
        return this.row(message);
      case 'truncate':
        return this.truncate(message);
      case 'message':
        this.note(message);
        return null;
      case 'ignored':
        return null;
      default:
        return assertNever(message);
    }
  }

  private start(message: Begin): void {
    this.begin = { ...message, rows: this.options.beginRows(message.commitLsn, message.xid) };
    this.origin = UNKNOWN_ORIGIN;
    this.seq = 0;
    this.clearPart();
  }

  private finish({ endLsn }: Commit): TransactionPart | null {
    const { commitLsn, xid, committedAtUs, rows } = this.current();
    const { createdAt } = rows;
    const transaction = { commitLsn, xid, committedAtUs, changeCount: this.seq, origin: this.origin, createdAt };
    const part = this.part({ transaction, endLsn });
    this.begin = null;
    return commitLsn > this.options.storedUpTo ? part : null;
  }

  private truncate({ relations }: Truncate): TransactionPart | null {
    let part: TransactionPart | null = null;
    for (const { oid } of relations) {
      this.noteFault(this.unreadable.get(oid));
      part = this.add(this.mappers.get(oid)?.table('truncate', this.seq)) ?? part;
    }
    return part;
  }

  /** One table that cannot be read must not hold up the others. */
  private row(message: Insert | Update | Delete): TransactionPart | null {
    const { oid } = message.relation;
    const mapper = this.mappers.get(oid);
    if (!mapper) {
      this.noteFault(this.unreadable.get(oid));
      return null;
    }
    let change: LedgerChange;
    try {
      change = mapper.row(message, this.seq);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.noteFault(this.tables.get(tableName(message.relation.table)));
      return null;
    }
    return this.add(change);
  }

  /** Told with every change that is passed over: a resync of a table that is still unreadable must not look complete. */
  private noteFault(table: CapturedTable | undefined): void {
    if (table) (this.newFaults ??= new Map()).set(table.id, unreadableReason(table));
  }

  /** Compares with what is known, so that every lane learns in order that the table's columns changed (W25). */
  private describe(relation: Relation): TransactionPart | null {
    const table = this.tables.get(tableName(relation.table));
    if (!table) return null;
    const columns = relation.columns.map(({ name, typeOid }) => ({ name, typeOid }));
    const known = this.columns.get(table.id);
    this.setMapper(table, relation);
    if (known && sameColumns(known, columns)) return null;
    this.columns.set(table.id, columns);
    (this.newColumns ??= new Map()).set(table.id, columns);
    return known ? this.add(tableChange(table.id, this.seq, 'relation')) : null;
  }

  private setMapper(table: CapturedTable, relation: Relation): void {
    const mapper = RowMapper.create({ table, relation, scratch: this.scratch });
    if (mapper) {
      this.mappers.set(relation.oid, mapper);
      this.unreadable.delete(relation.oid);
    } else {
      this.mappers.delete(relation.oid);
      this.unreadable.set(relation.oid, table);
      this.noteFault(table);
    }
  }

  /** The last message of a transaction counts, and only a transactional one belongs to it (W26, W27). */
  private note({ transactional, prefix, content }: LogicalMessage): void {
    if (!transactional) return;
    if (prefix === ORIGIN_MESSAGE_PREFIX) this.origin = parseOrigin(content);
  }

  /** What concerns no data set is passed over. */
  private add(change: LedgerChange | undefined): TransactionPart | null {
    if (!change) return null;
    this.seq++;
    const { rows, commitLsn } = this.current();
    rows.add(change);
    if (rows.bytes < this.options.maxPartBytes) return null;
    const part = this.part(null);
    return commitLsn > this.options.storedUpTo ? part : null;
  }

  private part(end: TransactionPart['end']): TransactionPart {
    const { commitLsn, rows } = this.current();
    const columns = this.newColumns ?? NONE;
    const faults = this.newFaults ?? NONE;
    const part = { commitLsn, changes: rows.take(), columns, faults, end };
    this.clearPart();
    return part;
  }

  private clearPart(): void {
    this.newColumns = null;
    this.newFaults = null;
  }

  private current() {
    if (!this.begin) throw new DecodeError('A row change came outside a transaction.');
    return this.begin;
  }
}

function unreadableReason({ table, keyColumns }: CapturedTable): string {
  const name = tableName(table);
  return (
    `Changes of ${name} no longer carry its key (${keyColumns.join(', ')}), because the table or its replica identity was ` +
    'altered: they cannot be told apart and are lost. What to do says: npm run sync -- check. Then copy again with: ' +
    'npm run sync -- resync <data set>'
  );
}

function sameColumns(a: readonly ColumnRef[], b: readonly ColumnRef[]): boolean {
  return (
    a.length === b.length && a.every((column, i) => column.name === b[i]?.name && column.typeOid === b[i]?.typeOid)
  );
}
