import type { ByteRange, CapturedTable, ChangeOp, ColumnRef, LedgerChange, LedgerTransaction } from './change.js';
import type { Lsn } from './lsn.js';
import type { LaneState, Position, StoredLaneState } from './position.js';

/** How far a source has been stored in the ledger. */
export interface CapturePosition {
  /** System identifier and timeline, such as `7301234567890123456/1`. */
  readonly history: string;
  readonly slot: string;
  /** Commit position of the last transaction stored. */
  readonly commitLsn: Lsn;
  /** Everything that committed before this is stored; may be acknowledged once it is durable, and nothing else (P2). */
  readonly safeLsn: Lsn;
}

export interface OpenedLedger {
  /** Durable, whatever the writer before waited for. Null when this source was never captured. */
  readonly position: CapturePosition | null;
  /** The columns last stored of each table that was seen before. */
  readonly columns: ReadonlyMap<number, readonly ColumnRef[]>;
  /** Why capture must not go on until everything is copied again (P6); null: it may. */
  readonly gap: string | null;
}

/** Changes of one transaction in the form in which the ledger stores them: what waits is bytes, not objects. */
export interface EncodedChanges extends ByteRange {
  readonly commitLsn: Lsn;
  /** Where the range is; many transactions share it, because a buffer for each would cost more than it holds. */
  readonly memory: Buffer;
  /** Of the changes, each once. */
  readonly tableIds: readonly number[];
}

/** Takes the changes of one source transaction as they arrive. */
export interface TransactionRows {
  /** When the ledger first heard of the transaction, ISO 8601; never before that of an earlier transaction. */
  readonly createdAt: string;
  add(change: LedgerChange): void;
  /** What was added since the last {@link take}. */
  readonly bytes: number;
  /** The changes added since the last call. */
  take(): EncodedChanges;
}

/**
 * What a commit waits for. `durable`: it survives a crash of SystemDB, and so does everything before it. `visible`: others
 * read it; a crash may take it back, which the source's next transmission mends as long as nothing was acknowledged.
 */
export type CommitWait = 'durable' | 'visible';

/** The ledger as capture sees it: one writer per source, fenced by the position. */
export interface CaptureLedger {
  /**
   * Where to go on. Also makes this writer the current one: every earlier one is fenced out.
   * @param tables everything that the caller captures
   * @throws {OlderCatalogueError} when a data set reads a table besides; nobody is fenced out
   */
  open(tables: readonly CapturedTable[]): Promise<OpenedLedger>;
  /** A transaction has begun to arrive: its changes are put into the ledger's own form one by one. */
  begin(commitLsn: Lsn, xid: number): TransactionRows;
  /** Adds changes that the next {@link commit} completes; nothing is visible before. In the order of {@link begin}. */
  stage(changes: EncodedChanges): void;
  /** So much is staged that {@link flush} or {@link commit} should be awaited before more is. */
  readonly isFull: boolean;
  /**
   * Sends what is staged; awaiting it is the back-pressure on the source.
   * @throws {LedgerUnavailableError} retryable; the caller drops what it holds and starts again from {@link open}
   */
  flush(): Promise<void>;
  /**
   * Stores everything staged together with the position, or nothing.
   * @param until absent: `durable`
   * @throws {FencedError} when another capture has moved the position
   * @throws {LedgerUnavailableError} retryable
   */
  commit(transactions: readonly LedgerTransaction[], position: CapturePosition, until?: CommitWait): Promise<void>;
  /** Stores the columns of a table together with the next {@link commit}. */
  stageColumns(tableId: number, columns: readonly ColumnRef[]): void;
  /** Changes of a table are passed over for this reason: its lanes need a resync from the next {@link commit} on (P6). */
  stageFault(tableId: number, reason: string): void;
  /** Completeness can no longer be proved (P6): every lane of the source needs a resync. */
  markGap(reason: string): Promise<void>;
  close(): Promise<void>;
}

/** A ledger row as a lane reads it. Texts are ordinary strings here. */
export interface LaneChange {
  readonly commitLsn: Lsn;
  readonly seq: number;
  readonly xid: number;
  readonly tableId: number;
  readonly op: ChangeOp;
  readonly key: string;
  readonly oldKey: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly unchanged: readonly string[] | null;
}

export interface LanePage {
  readonly changes: readonly LaneChange[];
  /** True when the page ends inside a transaction that is larger than the page. */
  readonly partial: boolean;
}

/** A lane's position in the history of its source. */
export type LanePlace = Pick<LaneState, 'history' | 'position'>;

/** The ledger as one lane reads it. */
export interface LaneLedger {
  readonly tables: readonly CapturedTable[];
  /**
   * Everything that committed before this is in the ledger; ask before {@link read} to know what an empty page means. It
   * may go back when SystemDB crashes.
   */
  capturedTo(): Promise<Lsn>;
  /**
   * True when this process knows without asking that everything before `until` is in the ledger and that none of it
   * follows `from`; false says nothing.
   */
  isAppliedTo(until: Lsn, from: LanePlace): boolean;
  /** The next changes after a place in commit order: whole transactions, unless one alone exceeds what may be whole. */
  read(from: LanePlace, limits: PageLimits): Promise<LanePage>;
  /** How many changes follow `position` that committed before `until`. */
  countPending(position: Position, until: Lsn): Promise<number>;
  /** Ids of the transactions stored most recently, newest first: what a snapshot may not see yet (W10). */
  recentXids(count: number): Promise<readonly number[]>;
}

export interface PageLimits {
  /** What a page of several transactions aims at. */
  readonly maxRows: number;
  /** A transaction of more rows is cut; absent: of more than `maxRows`. */
  readonly maxAtomicRows?: number;
  /** Of the changes; the row that exceeds it still comes. A transaction of more is cut, too. */
  readonly maxBytes: number;
}

/** `needs_resync`: completeness can no longer be proved; the lane stands still until a copy is asked for. */
export type LaneMode = 'copying' | 'streaming' | 'needs_resync';

export interface LaneControl {
  readonly mode: LaneMode;
  /** A person or the system asked for a new copy. */
  readonly copyRequested: boolean;
  /** The history that the ledger follows; a target of another history cannot go on. */
  readonly history: string;
  /** How often the lane's state has moved, as far as it was written down; the target has counted as many or more. */
  readonly moves: number;
}

/** A key that cannot be written now, set aside so that the others flow (P8). */
export interface LaneFailure {
  readonly tableId: number;
  readonly key: string;
  readonly position: Position;
  readonly code: string;
  readonly message: string;
}

export interface CopyChunkRecord {
  readonly copyId: string;
  readonly jobType: 'copy' | 'repair';
  readonly entityType: string;
  /** The keys in words, such as `1 … 20000`. */
  readonly entityId: string;
  readonly rows: number;
  readonly removed: number;
  readonly startedAtMs: number;
}

/** What one lane writes down for people, `job_queue` and its own next start. */
export interface LaneJournal {
  control(): Promise<LaneControl>;
  /**
   * `copying` answers a request for a copy, `streaming` only ends a copy: neither takes back a `needs_resync` that was
   * marked meanwhile, nor a request that came meanwhile. What is not permitted changes nothing.
   */
  setMode(mode: LaneMode, reason: string | null): Promise<void>;
  /** Mirrors the position that the target holds; written within 100 ms, in order. */
  applied(state: StoredLaneState, changes: number): void;
  failed(failures: readonly LaneFailure[]): Promise<void>;
  /** Newer changes of these keys have been written: what was set aside before is settled. */
  settled(keys: readonly { readonly tableId: number; readonly key: string }[]): Promise<void>;
  openFailures(): Promise<readonly LaneFailure[]>;
  copied(chunk: CopyChunkRecord): Promise<void>;
}
