import { PoisonError, type LaneFailure, type LaneJournal, type TableKey } from '@astro/sync-core';
import type { Logger } from '@astro/runtime';
import { EMPTY_BATCH, type KeyState, type StateMove, type Target, type TargetBatch } from '../targets/target.js';

const INCOMPLETE = 'SYNC_INCOMPLETE';
const REPAIR_KEYS_AT_ONCE = 500;

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

  constructor(
    private readonly target: Target,
    private readonly journal: LaneJournal,
    private readonly options: IsolatingOptions,
  ) {}

  /** Reads what was set aside before; call it whenever the lane loads its state. */
  async load(): Promise<void> {
    this.open.clear();
    for (const failure of await this.journal.openFailures()) this.open.set(idOf(failure), failure);
  }

  get hasPoison(): boolean {
    for (const { code } of this.open.values()) if (code !== INCOMPLETE) return true;
    return false;
  }

  /** What is set aside until it can be written. */
  poisoned(): readonly LaneFailure[] {
    return [...this.open.values()].filter(({ code }) => code !== INCOMPLETE);
  }

  /** Keys whose current row should be fetched from the source, oldest first. */
  dueForRepair(retryPoison: boolean): readonly TableKey[] {
    const due: TableKey[] = [];
    for (const { tableId, key, code } of this.open.values()) {
      if (code !== INCOMPLETE && !retryPoison) continue;
      due.push({ tableId, key });
      if (due.length === REPAIR_KEYS_AT_ONCE) break;
    }
    return due;
  }

  async write(batch: TargetBatch, move: StateMove, partial: boolean): Promise<void> {
    this.failedNow.clear();
    const writable = await this.holdBack(batch);
    try {
      await this.attempt(writable, move, partial);
    } catch (error) {
      if (!(error instanceof PoisonError)) throw error;
      await this.isolate(writable, move, { partial, error });
    }
    await this.settle(writable);
  }

  private attempt(batch: TargetBatch, move: StateMove, partial: boolean): Promise<void> {
    return this.target.write(batch, move, { partial, onIncomplete: (states) => this.noteIncomplete(states) });
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
    return this.record(states.map((state) => failureOf(state, INCOMPLETE, message)));
  }

  /**
   * Halves the batch until the keys at fault are alone; the state moves once everything else is written. A target with
   * transactions keeps all pieces in one.
   */
  private async isolate(batch: TargetBatch, move: StateMove, { partial, error }: Isolation): Promise<void> {
    const stay: StateMove = { expected: move.expected, next: move.expected ?? move.next };
    if (batch.truncated.length > 0) await this.attempt({ ...batch, states: [] }, stay, true);
    await this.divide(batch.states, stay, error);
    await this.attempt(EMPTY_BATCH, { expected: stay.next, next: move.next }, partial);
  }

  private async divide(states: readonly KeyState[], stay: StateMove, error: PoisonError): Promise<void> {
    if (states.length === 0) return;
    if (states.length === 1) {
      const [state] = states as [KeyState];
      const failure = failureOf(state, sqlCodeOf(error), error.message);
      await this.record([failure]);
      await this.options.onSetAside([failure]);
      this.options.log.error(
        { event: 'lane.key_set_aside', key: state.key, code: error.code, err: error },
        error.message,
      );
      return;
    }
    const middle = Math.ceil(states.length / 2);
    for (const half of [states.slice(0, middle), states.slice(middle)]) {
      try {
        await this.attempt({ truncated: [], states: half }, stay, true);
      } catch (halfError) {
        if (!(halfError instanceof PoisonError)) throw halfError;
        await this.divide(half, stay, halfError);
      }
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

interface Isolation {
  readonly partial: boolean;
  readonly error: PoisonError;
}

function idOf({ tableId, key }: TableKey): string {
  return `${tableId}:${key}`;
}

function failureOf({ tableId, key, position }: KeyState, code: string, message: string): LaneFailure {
  return { tableId, key, position, code, message };
}

function sqlCodeOf(error: PoisonError): string {
  const code = (error.cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : error.code;
}
