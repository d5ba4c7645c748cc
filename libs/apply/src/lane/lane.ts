import {
  comparePositions,
  formatLaneState,
  isCopyOwed,
  parseLaneState,
  tableName,
  type CapturedTable,
  type CopyProgress,
  type LaneChange,
  type LaneFailure,
  type LaneJournal,
  type LaneMode,
  type LaneLedger,
  type LaneState,
  type Lsn,
  type PageLimits,
  type Position,
} from '@astro/sync-core';
import { abortableSleep, type Logger } from '@astro/runtime';
import { randomUUID } from 'node:crypto';
import { EMPTY_BATCH, type KeyState, type RowChunk, type Target, type TargetBatch } from '../targets/target.js';
import { AppliedLog, RecentXids } from './applied-log.js';
import { IsolatingWriter } from './isolating-writer.js';
import { ControlChangedError, copyReason, mustStand } from './lane-control.js';
import type { LaneStrategy } from './lane-strategy.js';
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
const POISON_RETRY_MS = 60_000;
const MAX_FUTILE_REPAIRS = 20;
const WATERMARK_POLL_MS = 3;
const LONGEST_WATERMARK_POLL_MS = 250;

/**
 * The ordered path of one direction of one data set. Serial: never call {@link advance} twice at once. Several
 * processes may hold the same lane by mistake; the target's compare-and-set lets only one of them write (W37).
 */
export class Lane {
  private state: LaneState | null = null;
  private stateText: string | null = null;
  private recent = new RecentXids([], RECENT_XIDS);
  private readonly logs = new Set<AppliedLog>();
  private readonly writer: IsolatingWriter;
  private controlAtMs = 0;
  private stopping: AbortSignal | undefined;
  /** A source transaction has been written in part; a target with transactions does not show its state meanwhile. */
  private partialOpen = false;
  private retryPoisonAtMs = 0;
  readonly driver: TaskDriver;
  private readonly tallier = new TaskTallier(this);

  constructor(readonly deps: LaneDeps) {
    this.driver = new TaskDriver(this, deps.tasks ?? null);
    this.writer = new IsolatingWriter(deps.target, deps.journal, {
      log: deps.log,
      onSetAside: (failures) => this.driver.noteFailures(failures),
    });
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

  /** True when the target holds nothing of this lane any more: it was emptied, and only a copy mends that. */
  async isLost(): Promise<boolean> {
    return (await this.deps.target.readState()) === null;
  }

  /** Gives up everything held; the lane can be used again. */
  async forget(): Promise<void> {
    this.state = null;
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
      const progressed = this.deps.isScheduled ? false : await this.follow(signal);
      if (this.deps.isScheduled) await this.mendIncomplete(signal);
      if (!progressed && !(await this.driver.rest(signal))) return 'idle';
    }
    return 'idle';
  }

  private async follow(signal: AbortSignal): Promise<boolean> {
    const progressed = await this.applyNext();
    await this.repairDue(signal);
    return progressed;
  }

  private async copyStep(copy: CopyProgress, signal: AbortSignal): Promise<void> {
    if (copy.phase === 'sweep') await sweepStep(this, copy, signal);
    else await this.deps.strategy.copyStep(this, copy, signal);
    if (this.current().copy === null) await this.finishCopy(copy);
  }

  /** Loads the state when needed and looks at the lane's control once a second. */
  private async ready(): Promise<boolean> {
    const now = Date.now();
    if (this.state && now - this.controlAtMs < CONTROL_INTERVAL_MS) return true;
    const control = await this.deps.journal.control();
    this.controlAtMs = now;
    if (mustStand(control)) {
      if (this.state) await this.forget(); // nothing goes on meanwhile, not even a read ahead
      await this.driver.whileStanding();
      return false;
    }
    if (this.state && !this.partialOpen && (await this.deps.target.readState()) !== this.stateText) await this.forget();
    if (!this.state) await this.load();
    const reason = copyReason(control, this.state);
    if (reason !== null) await this.startCopy(control.history, reason);
    else await this.correctMode(control.mode);
    if (!this.partialOpen) await this.driver.look();
    return true;
  }

  /** After a crash between target and journal the target is right. */
  private async correctMode(mode: LaneMode): Promise<void> {
    const isCopying = isCopyOwed(this.current());
    if (mode === 'copying' && !isCopying) await this.deps.journal.setMode('streaming', null);
    if (mode === 'streaming' && isCopying) await this.deps.journal.setMode('copying', 'interrupted');
  }

  /** Reads the state from the target; null when that holds none. */
  async load(): Promise<LaneState | null> {
    this.stateText = await this.deps.target.readState();
    this.state = this.stateText === null ? null : parseLaneState(this.stateText);
    this.recent = new RecentXids(await this.deps.ledger.recentXids(RECENT_XIDS), RECENT_XIDS);
    await this.writer.load();
    if (this.state) this.deps.journal.applied(this.state, 0);
    return this.state;
  }

  /**
   * Begins a copy at what has been captured up to now: every snapshot taken later holds everything before it.
   * Rows that the target has and the source has not are swept at the end, unless the target was empty.
   * The target comes first: a crash before the journal knows leaves the request standing, and it is carried out again.
   */
  private async startCopy(history: string, reason: string): Promise<void> {
    const { ledger, journal, target, log } = this.deps;
    await this.deps.strategy.reset();
    // Those applied before may be of a history that is gone: no snapshot would ever see them.
    this.recent = new RecentXids(await ledger.recentXids(RECENT_XIDS), RECENT_XIDS);
    const position = { commitLsn: await ledger.capturedTo(), seq: -1 };
    const sweep = !(await target.isEmpty());
    const copy: CopyProgress = { id: randomUUID(), tableIndex: 0, afterKey: null, rows: 0, phase: 'rows', sweep };
    await this.moveTo({ history, position, copy }, EMPTY_BATCH);
    await journal.setMode('copying', reason);
    this.lookAgain(); // a run that is to copy takes this copy over before its first step
    log.info({ event: 'lane.copy_started', copyId: copy.id, reason, sweep }, `copying: ${reason}`);
  }

  private async finishCopy(copy: CopyProgress): Promise<void> {
    await this.deps.journal.setMode('streaming', null);
    this.lookAgain(); // a copy that was asked for meanwhile follows at once
    this.deps.log.info({ event: 'lane.copy_finished', copyId: copy.id, rows: copy.rows }, 'copied');
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
    await this.startCopy(state.history, this.deps.strategy.needsCopy(cause) ?? '');
    return true;
  }

  private async applyChanges(changes: readonly LaneChange[], partial: boolean): Promise<void> {
    const batch = await this.deps.strategy.build(changes, this);
    const position = positionOf(changes[changes.length - 1] as LaneChange);
    const { history, copy } = this.current();
    await this.moveTo({ history, position, copy: streamed(copy, changes) }, batch, partial);
    this.recent.record(changes);
    for (const log of this.logs) log.record(changes);
    this.deps.journal.applied(this.current(), changes.length);
  }

  /** Fetches the keys that miss columns, until none is left or it comes to nothing again and again. */
  async mendIncomplete(signal: AbortSignal): Promise<void> {
    for (let futile = 0; this.writer.incompleteKeys > 0 && futile < MAX_FUTILE_REPAIRS; futile++) {
      const before = this.writer.incompleteKeys;
      await this.repairDue(signal);
      if (this.writer.incompleteKeys < before) futile = -1;
    }
  }

  /** Writes keys that were set aside and may be tried again from the source, some at a time. */
  async repairDue(signal: AbortSignal): Promise<void> {
    const retryPoison = this.writer.hasPoison && Date.now() >= this.retryPoisonAtMs;
    if (retryPoison) this.retryPoisonAtMs = Date.now() + POISON_RETRY_MS;
    const keys = this.writer.dueForRepair(retryPoison);
    if (keys.length === 0) return;
    const { states } = await this.deps.strategy.fetch(this, keys, signal);
    await this.moveTo(this.current(), { truncated: [], states });
  }

  // What strategies use.

  current(): LaneState {
    if (!this.state) throw new Error(`lane ${this.name} is not loaded`);
    return this.state;
  }

  /** Writes a batch and moves the state, atomically. */
  async moveTo(next: LaneState, batch: TargetBatch, partial = false): Promise<void> {
    const text = formatLaneState(next);
    await this.writer.write(batch, { expected: this.stateText, next: text }, partial);
    this.moved(next, text);
  }

  /** Writes rows of a copy and moves the state, atomically. What a run writes is counted in the state. */
  async copyTo(next: LaneState, chunk: RowChunk): Promise<void> {
    const counted = await this.tallier.withChunk(next, chunk);
    const text = formatLaneState(counted);
    await this.deps.target.writeRows(chunk, { expected: this.stateText, next: text });
    this.moved(counted, text);
    if (next.copy?.task) this.driver.passed(chunk.rows);
  }

  /** Like {@link copyTo} for single keys: one that cannot be written is set aside. */
  async copyStates(next: LaneState, states: readonly KeyState[]): Promise<void> {
    await this.moveTo(await this.tallier.withStates(next, states), { truncated: [], states });
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
    let controlAtMs = Date.now();
    for (let pauseMs = WATERMARK_POLL_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_WATERMARK_POLL_MS)) {
      signal.throwIfAborted();
      const captured = await this.deps.ledger.capturedTo();
      while (await this.applyNext()) signal.throwIfAborted();
      if (captured >= watermark) return;
      await abortableSleep(pauseMs, signal);
      if (Date.now() - controlAtMs < CONTROL_INTERVAL_MS) continue;
      controlAtMs = Date.now();
      const control = await this.deps.journal.control();
      if (mustStand(control) || copyReason(control, this.current()) !== null) throw new ControlChangedError(this.name);
    }
  }

  private moved(next: LaneState, text: string): void {
    const before = this.state;
    this.state = next;
    this.stateText = text;
    if (next.copy) this.deps.journal.applied(next, 0);
    if (before && comparePositions(before.position, next.position) > 0) {
      this.deps.log.warn({ event: 'lane.position_back' }, 'the position went back for a new copy');
    }
  }
}

function positionOf({ commitLsn, seq }: LaneChange): Position {
  return { commitLsn, seq };
}
