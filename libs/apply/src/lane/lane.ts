import {
  comparePositions,
  isAheadOf,
  tableName,
  type CapturedTable,
  type CopyProgress,
  type LaneChange,
  type LaneFailure,
  type LaneJournal,
  type LaneLedger,
  type LaneState,
  type StoredLaneState,
  type Lsn,
  type PageLimits,
  type Position,
} from '@astro/sync-core';
import { abortableSleep, type Logger } from '@astro/runtime';
import { EMPTY_BATCH, type KeyState, type RowChunk, type Target, type TargetBatch } from '../targets/target.js';
import { AppliedLog, RecentXids } from './applied-log.js';
import { IsolatingWriter } from './isolating-writer.js';
import { HeldState } from './held-state.js';
import { ControlChangedError, mustStand } from './lane-control.js';
import type { LaneStrategy } from './lane-strategy.js';
import { OwnCopies } from './own-copies.js';
import { Repairs } from './repairs.js';
import { sweepStep } from './sweep.js';
import type { TaskAccess } from './task-begin.js';
import { TaskDriver } from './task-driver.js';
import { TaskTallier, decodedStates, streamed, type CompressionCount } from './task-tally.js';

export interface LaneDeps {
  readonly name: string;
  readonly ledger: LaneLedger;
  readonly journal: LaneJournal;
  readonly target: Target;
  readonly strategy: LaneStrategy;
  readonly limits: PageLimits;
  /** Applies nothing but in runs and copies, whatever wakes it. */
  readonly isScheduled: boolean;
  readonly log: Logger;
  /** What runs ask of the lane; absent: nothing. */
  readonly tasks?: TaskAccess;
  /** Kept up to date by a target that compresses. */
  readonly compression?: CompressionCount;
}

/** `idle`: nothing is pending. `standing`: the lane waits for capture to begin, or for a person (needs resync). */
export type LaneOutcome = 'idle' | 'standing';

const RECENT_XIDS = 10_000;
const CONTROL_INTERVAL_MS = 1000;
const WATERMARK_POLL_MS = 3;
const LONGEST_WATERMARK_POLL_MS = 250;

/**
 * The ordered path of one direction of one data set. Serial: never call {@link advance} twice at once. Several
 * processes may hold the same lane by mistake; the target's compare-and-set lets only one of them write (W37).
 */
export class Lane {
  readonly held: HeldState;
  private readonly copies = new OwnCopies(this);
  private recent = new RecentXids([], RECENT_XIDS);
  private readonly logs = new Set<AppliedLog>();
  private readonly writer: IsolatingWriter;
  private controlAtMs = 0;
  private stopping: AbortSignal | undefined;
  /** A source transaction has been written in part; a target with transactions does not show its state meanwhile. */
  private partialOpen = false;
  readonly driver: TaskDriver;
  readonly repairs: Repairs;
  private readonly tallier = new TaskTallier(this);

  constructor(readonly deps: LaneDeps) {
    this.held = new HeldState(deps.target, deps.journal);
    this.driver = new TaskDriver(this, deps.tasks ?? null);
    this.writer = new IsolatingWriter(deps.target, deps.journal, {
      log: deps.log,
      onSetAside: (failures) => this.driver.noteFailures(failures),
    });
    this.repairs = new Repairs(this, this.writer);
  }

  get name(): string {
    return this.deps.name;
  }

  /** Applies everything that is pending. After a rejection the next call starts from what the target says. */
  async advance(signal: AbortSignal): Promise<LaneOutcome> {
    this.stopping = signal;
    for (;;) {
      try {
        return await this.run(signal);
      } catch (error) {
        await this.forget();
        if (error instanceof ControlChangedError && !signal.aborted) continue;
        if (!signal.aborted) await this.driver.noteError(error);
        throw error;
      }
    }
  }

  /** The next step looks at the lane's control first: a run may have been started, paused or cancelled. */
  lookAgain(): void {
    this.controlAtMs = 0;
  }

  /** True when the target was emptied or put back to an older state: the lane has to look. */
  isLost(): Promise<boolean> {
    return this.held.isLost();
  }

  /** Gives up everything held; the lane can be used again. */
  async forget(): Promise<void> {
    this.held.forget();
    this.partialOpen = false;
    this.logs.clear();
    await this.deps.strategy.reset();
    await this.deps.target.reset();
  }

  private async run(signal: AbortSignal): Promise<LaneOutcome> {
    while (!signal.aborted) {
      if (!(await this.ready())) return 'standing';
      const { copy } = this.current();
      if (copy && this.driver.mayStep(copy)) {
        await this.driver.step(copy, signal, (inner) => this.copyStep(copy, inner));
        continue;
      }
      this.deps.strategy.rest();
      const progressed = this.deps.isScheduled ? false : await this.follow(signal);
      if (this.deps.isScheduled) await this.repairs.mendIncomplete(signal);
      if (!progressed && !(await this.driver.rest(signal))) return 'idle';
    }
    return 'idle';
  }

  private async follow(signal: AbortSignal): Promise<boolean> {
    const progressed = await this.applyNext();
    await this.repairs.writeDue(signal);
    return progressed;
  }

  private async copyStep(copy: CopyProgress, signal: AbortSignal): Promise<void> {
    if (copy.phase === 'sweep') await sweepStep(this, copy, signal);
    else await this.deps.strategy.copyStep(this, copy, signal);
    if (this.current().copy === null) await this.copies.finish(copy);
  }

  /** Loads the state when needed and looks at the lane's control once a second. */
  private async ready(): Promise<boolean> {
    const now = Date.now();
    if (this.held.current && now - this.controlAtMs < CONTROL_INTERVAL_MS) return true;
    const control = await this.deps.journal.control();
    this.controlAtMs = now;
    if (mustStand(control)) {
      if (this.held.current) await this.forget(); // nothing goes on meanwhile, not even a read ahead
      await this.driver.whileStanding();
      return false;
    }
    if (this.held.current && !this.partialOpen && !(await this.held.isAsKnown())) await this.forget();
    const isAhead = !this.held.current && (await this.loadAhead());
    const reason = this.held.reasonToCopy(control);
    if (reason !== null) await this.copies.begin(control.history, reason);
    else if (isAhead) {
      await this.forget(); // until capture has stored again what SystemDB lost
      return false;
    } else await this.copies.correctMode(control.mode);
    if (!this.partialOpen) await this.driver.look();
    return true;
  }

  /**
   * @returns true when the target holds transactions that the ledger has lost: nobody knows their ids, so no snapshot can
   * be held against them (W10). The ledger is asked first: what it holds then is among the ids that are read.
   */
  private async loadAhead(): Promise<boolean> {
    const captured = await this.deps.ledger.capturedTo();
    const state = await this.load();
    return state !== null && isAheadOf(state.position, captured);
  }

  /** Reads the state from the target; null when that holds none. */
  async load(): Promise<StoredLaneState | null> {
    const state = await this.held.load();
    await this.renewRecentXids();
    await this.writer.load();
    return state;
  }

  /** Applies the next page of the ledger. @returns false when there is none */
  async applyNext(): Promise<boolean> {
    const state = this.current();
    const page = await this.deps.ledger.read(state, this.deps.limits);
    if (page.changes.length === 0) return false;
    const cut = page.changes.findIndex((change) => this.deps.strategy.needsCopy(change) !== null);
    const changes = cut === -1 ? page.changes : page.changes.slice(0, cut);
    this.partialOpen = page.partial && cut === -1;
    if (changes.length > 0) await this.applyChanges(changes, this.partialOpen);
    if (cut === -1) return true;
    const cause = page.changes[cut] as LaneChange;
    await this.moveTo({ ...this.current(), position: positionOf(cause) }, EMPTY_BATCH);
    await this.copies.begin(state.history, this.deps.strategy.needsCopy(cause) ?? '');
    return true;
  }

  private async applyChanges(changes: readonly LaneChange[], partial: boolean): Promise<void> {
    const batch = await this.deps.strategy.build(changes, this);
    const position = positionOf(changes[changes.length - 1] as LaneChange);
    const { history, copy } = this.current();
    await this.moveTo({ history, position, copy: streamed(copy, changes) }, batch, partial);
    this.recent.record(changes);
    for (const log of this.logs) log.record(changes);
    this.held.note(changes.length);
  }

  // What strategies use.

  current(): StoredLaneState {
    const { current } = this.held;
    if (!current) throw new Error(`lane ${this.name} is not loaded`);
    return current;
  }

  /** Writes a batch and moves the state, atomically. */
  async moveTo(next: LaneState, batch: TargetBatch, partial = false): Promise<void> {
    const ofChanges = comparePositions(next.position, this.held.current?.position ?? next.position) !== 0;
    await this.held.move(next, (move) => this.writer.write(batch, move, { partial, ofChanges }), partial);
  }

  /** Writes rows of a copy and moves the state, atomically. What a run writes is counted in the state. */
  async copyTo(next: LaneState, chunk: RowChunk): Promise<void> {
    const counted = await this.tallier.withChunk(next, chunk);
    await this.held.move(counted, (move) => this.deps.target.writeRows(chunk, move));
    if (next.copy?.task) this.driver.passed(chunk.rows);
  }

  /** Like {@link copyTo} for single keys: one that cannot be written is set aside. */
  async copyStates(next: LaneState, states: readonly KeyState[]): Promise<void> {
    const counted = await this.tallier.withStates(next, states);
    await this.held.move(counted, (move, amend) => {
      const withoutRefused = async (refused: readonly KeyState[]) =>
        amend(await this.tallier.without(counted, refused));
      return this.writer.write({ truncated: [], states }, move, { partial: false, ofChanges: false, withoutRefused });
    });
    if (next.copy?.task) this.driver.passed(states.length);
  }

  /** Lines of COPY text as states at the current position. */
  statesOf(chunk: RowChunk, lines: readonly string[]): KeyState[] {
    const keyColumns = this.tableOf(chunk.tableId)?.keyColumns ?? [];
    return decodedStates(chunk, lines, { keyColumns, position: this.current().position });
  }

  /** `schema.table`, as people know it. */
  entityType(tableId: number): string {
    const table = this.tableOf(tableId)?.table;
    return table ? tableName(table) : '';
  }

  /** Keys that are set aside with an error. */
  failedKeys(): readonly LaneFailure[] {
    return this.writer.poisoned();
  }

  /** A source transaction has been written in part; nothing but its rest may be written now. */
  get isMidTransaction(): boolean {
    return this.partialOpen;
  }

  private tableOf(tableId: number): CapturedTable | undefined {
    return this.deps.ledger.tables.find(({ id }) => id === tableId);
  }

  /** Changes that the stream applies from now on are noted in the log, until {@link unwatch}. */
  watch(): AppliedLog {
    const log = new AppliedLog();
    this.logs.add(log);
    return log;
  }

  unwatch(log: AppliedLog): void {
    this.logs.delete(log);
  }

  async renewRecentXids(): Promise<void> {
    this.recent = new RecentXids(await this.deps.ledger.recentXids(RECENT_XIDS), RECENT_XIDS);
  }

  /** Transactions applied that a snapshot might not see yet. */
  get recentXids(): RecentXids {
    return this.recent;
  }

  /** Aborts when the lane is to stop. */
  get signal(): AbortSignal | undefined {
    return this.stopping;
  }

  /**
   * Applies the stream until everything that committed before `watermark` is in the target. Capture may be away, so the
   * pauses grow.
   * @throws {ControlChangedError} when the lane is asked for something else meanwhile
   */
  async streamPast(watermark: Lsn, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.partialOpen && this.deps.ledger.isAppliedTo(watermark, this.current())) return;
    let controlAtMs = Date.now();
    for (let pauseMs = WATERMARK_POLL_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_WATERMARK_POLL_MS)) {
      signal.throwIfAborted();
      const captured = await this.deps.ledger.capturedTo();
      while (await this.applyNext()) signal.throwIfAborted();
      if (captured >= watermark) return;
      await abortableSleep(pauseMs, signal);
      if (Date.now() - controlAtMs < CONTROL_INTERVAL_MS) continue;
      controlAtMs = Date.now();
      const control = await this.deps.journal.control();
      if (mustStand(control) || this.held.reasonToCopy(control) !== null) throw new ControlChangedError(this.name);
    }
  }
}

function positionOf({ commitLsn, seq }: LaneChange): Position {
  return { commitLsn, seq };
}
