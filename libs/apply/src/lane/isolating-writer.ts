import { PoisonError, SyncError, type LaneFailure, type LaneJournal, type TableKey } from '@astro/sync-core';
import type { Logger } from '@astro/runtime';
import {
  EMPTY_BATCH,
  type KeyState,
  type StateMove,
  type Target,
  type TargetBatch,
  type WriteOptions,
} from '../targets/target.js';
import { divide, divideInAnyOrder, type RefusedState } from './divide.js';

const INCOMPLETE = 'SYNC_INCOMPLETE';
const REPAIR_KEYS_AT_ONCE = 500;

/** What a batch holds. */
export interface BatchKind {
  /** A part of a source transaction, of which more follows. */
  readonly partial: boolean;
  /** Changes of the ledger, each with its own position; else rows as they were read from the source. */
  readonly ofChanges: boolean;
  /** Makes the text of the state to move to when these could not be written; without it that is the same as when they could. */
  readonly withoutRefused?: (refused: readonly KeyState[]) => Promise<string>;
}

export interface IsolatingOptions {
  readonly log: Logger;
  /** Keys have been set aside with an error, and recorded. */
  readonly onSetAside: (failures: readonly LaneFailure[]) => Promise<void>;
}

/**
 * Writes batches and keeps one key that cannot be written from holding up the others (P8): it is recorded with its
 * error before the position passes it, and every later change of the key settles it or replaces the record.
 */
export class IsolatingWriter {
  private readonly open = new Map<string, LaneFailure>();
  /** Keys set aside by the write under way. */
  private readonly failedNow = new Set<string>();
  /** The write under way brings changes of the ledger. */
  private ofChanges = true;
  /** The last write was a part of a source transaction, and more of it follows. */
  private midTransaction = false;
  /** The transaction was refused at its end: its parts are checked one by one until it is written. */
  private checkParts = false;

  constructor(
    private readonly target: Target,
    private readonly journal: LaneJournal,
    private readonly options: IsolatingOptions,
  ) {}

  /** Reads what was set aside before; call it whenever the lane loads its state. */
  async load(): Promise<void> {
    this.open.clear();
    this.midTransaction = false;
    for (const failure of await this.journal.openFailures()) this.open.set(idOf(failure), failure);
  }

  get hasPoison(): boolean {
    for (const { code } of this.open.values()) if (code !== INCOMPLETE) return true;
    return false;
  }

  /** How many wait to be fetched, because the target held no row to carry their columns from. */
  get incompleteKeys(): number {
    let count = 0;
    for (const { code } of this.open.values()) if (code === INCOMPLETE) count++;
    return count;
  }

  /** What is set aside until it can be written. */
  poisoned(): readonly LaneFailure[] {
    return [...this.open.values()].filter(({ code }) => code !== INCOMPLETE);
  }

  /**
   * Keys of one table whose current row should be fetched from the source now. Every key has its turn: those returned
   * come again only after all others.
   */
  dueForRepair(retryPoison: boolean): readonly TableKey[] {
    const due: LaneFailure[] = [];
    for (const failure of this.open.values()) {
      if (failure.code !== INCOMPLETE && !retryPoison) continue;
      if (due[0] && due[0].tableId !== failure.tableId) continue; // one read answers for one table
      due.push(failure);
      if (due.length === REPAIR_KEYS_AT_ONCE) break;
    }
    for (const failure of due) {
      this.open.delete(idOf(failure));
      this.open.set(idOf(failure), failure);
    }
    return due.map(({ tableId, key }) => ({ tableId, key }));
  }

  async write(batch: TargetBatch, move: StateMove, kind: BatchKind): Promise<void> {
    const { partial } = kind;
    this.failedNow.clear();
    this.ofChanges = kind.ofChanges;
    const writable = await this.holdBack(batch);
    try {
      await this.attempt(writable, move, { partial, checked: this.checkParts });
    } catch (error) {
      if (!(error instanceof PoisonError)) throw error;
      await this.isolate(writable, move, { ...kind, error });
    }
    await this.settle(writable);
    this.midTransaction = partial;
    if (!partial) this.checkParts = false;
  }

  private attempt(batch: TargetBatch, move: StateMove, how: Pick<WriteOptions, 'partial' | 'checked'>): Promise<void> {
    return this.target.write(batch, move, { ...how, onIncomplete: (states) => this.noteIncomplete(states) });
  }

  /** Columns carried from a row that is not up to date would be silently wrong: such keys wait for their repair. */
  private async holdBack(batch: TargetBatch): Promise<TargetBatch> {
    if (this.open.size === 0) return batch;
    const isHeld = ({ tableId, carry }: KeyState) =>
      carry !== null && this.open.has(idOf({ tableId, key: carry.fromKey }));
    const held = batch.states.filter(isHeld);
    if (held.length === 0) return batch;
    await this.noteIncomplete(held);
    return { ...batch, states: batch.states.filter((state) => !isHeld(state)) };
  }

  private noteIncomplete(states: readonly KeyState[]): Promise<void> {
    const message = 'The target holds no row to take unchanged large columns from; the row is fetched from the source.';
    return this.record(states.map((state) => this.failureOf(state, INCOMPLETE, message)));
  }

  /** What was tried again and failed again keeps its place: no change of the ledger belongs to another one. */
  private failureOf(state: KeyState, code: string, message: string): LaneFailure {
    const { tableId, key } = state;
    const before = this.ofChanges ? undefined : this.open.get(idOf(state));
    return { tableId, key, position: before?.position ?? state.position, code, message };
  }

  /**
   * Halves the batch until the keys at fault are alone; the state moves once everything else is written. A target with
   * transactions keeps all pieces in one, and may refuse what is wrong only at its end: then everything is written again
   * with a check after each piece, which shows where the fault is.
   */
  private async isolate(batch: TargetBatch, move: StateMove, isolation: Isolation): Promise<void> {
    try {
      await this.writePieces(batch, move, { ...isolation, checked: this.checkParts });
    } catch (closing) {
      if (!(closing instanceof ClosingPoison)) throw closing;
      if (this.midTransaction) {
        this.checkParts = true;
        throw new EarlierPartError(closing.poison);
      }
      await this.target.reset(); // undoes the pieces
      await this.writePieces(batch, move, { ...isolation, checked: true });
    }
  }

  /** @throws {ClosingPoison} when pieces were taken whose end is refused, and nothing was set aside */
  private async writePieces(batch: TargetBatch, move: StateMove, pieces: Pieces): Promise<void> {
    const { partial, error, checked, withoutRefused } = pieces;
    const stay: StateMove = { expected: move.expected, next: move.expected ?? move.next };
    if (batch.truncated.length > 0) await this.attempt({ ...batch, states: [] }, stay, { partial: true });
    const write = (states: readonly KeyState[]) =>
      this.attempt({ truncated: [], states }, stay, { partial: true, checked });
    const refused = await (checked ? divideInAnyOrder : divide)(batch.states, error, write);
    const open = stay.next;
    if (!partial && !checked) await this.checkEnd(open);
    await this.setAside(refused);
    const isSame = refused.length === 0 || !withoutRefused;
    const next = isSame ? move.next : await withoutRefused(refused.map(({ state }) => state));
    await this.attempt(EMPTY_BATCH, { expected: open, next }, { partial, checked });
  }

  private async checkEnd(open: string): Promise<void> {
    try {
      await this.attempt(EMPTY_BATCH, { expected: open, next: open }, { partial: true, checked: true });
    } catch (error) {
      throw error instanceof PoisonError ? new ClosingPoison(error) : error;
    }
  }

  /** Before the position passes them. */
  private async setAside(refused: readonly RefusedState[]): Promise<void> {
    for (const { state, error } of refused) {
      const failure = this.failureOf(state, sqlCodeOf(error), error.message);
      await this.record([failure]);
      await this.options.onSetAside([failure]);
      this.options.log.error(
        { event: 'lane.key_set_aside', key: state.key, code: error.code, err: error },
        error.message,
      );
    }
  }

  private async record(failures: readonly LaneFailure[]): Promise<void> {
    await this.journal.failed(failures);
    for (const failure of failures) {
      this.open.set(idOf(failure), failure);
      this.failedNow.add(idOf(failure));
    }
  }

  /** A key written whole after it was set aside is right again. */
  private async settle(batch: TargetBatch): Promise<void> {
    if (this.open.size === 0) return;
    const settled = batch.states.filter((state) => this.open.has(idOf(state)) && !this.failedNow.has(idOf(state)));
    if (settled.length === 0) return;
    await this.journal.settled(settled);
    for (const state of settled) this.open.delete(idOf(state));
  }
}

interface Isolation extends BatchKind {
  readonly error: PoisonError;
}

interface Pieces extends Isolation {
  /** After each piece, not only at the end. */
  readonly checked: boolean;
}

/** The end of the pieces was refused, though each of them was taken. */
class ClosingPoison extends Error {
  constructor(readonly poison: PoisonError) {
    super(poison.message, { cause: poison });
  }
}

/** The fault is in a part of the source transaction that was written before; the lane writes it again from its start. */
export class EarlierPartError extends SyncError {
  readonly code = 'SYNC_EARLIER_PART';
  readonly retryable = true;
  constructor(cause: PoisonError) {
    super(`${cause.message} The transaction is written again, with a check after each part.`, { cause });
  }
}

function idOf({ tableId, key }: TableKey): string {
  return `${tableId}:${key}`;
}

function sqlCodeOf(error: PoisonError): string {
  const code = (error.cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : error.code;
}
