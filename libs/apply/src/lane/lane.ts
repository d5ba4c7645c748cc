import {
  comparePositions,
  formatLaneState,
  parseLaneState,
  type CopyProgress,
  type LaneChange,
  type LaneControl,
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
import { EMPTY_BATCH, type RowChunk, type Target, type TargetBatch } from '../targets/target.js';
import { AppliedLog, RecentXids } from './applied-log.js';
import { IsolatingWriter } from './isolating-writer.js';

/** How one kind of data set turns changes into target writes, and how it is copied. */
export interface LaneStrategy {
  /** Why this change cannot be applied row by row and the data set is copied instead; null: it can. */
  needsCopy(change: LaneChange): string | null;
  /** @param changes none of which needs a copy */
  build(changes: readonly LaneChange[], lane: Lane): Promise<TargetBatch>;
  /** One step of the copy that the lane's state describes; the step moves the state on. */
  copyStep(lane: Lane, copy: CopyProgress, signal: AbortSignal): Promise<void>;
  /** Writes what the source holds now under these keys. */
  repair(lane: Lane, keys: readonly RepairKey[], signal: AbortSignal): Promise<void>;
  /** Forgets work read ahead; the state was moved by someone else, or an error came. */
  reset(): Promise<void>;
}

export interface RepairKey {
  readonly tableId: number;
  readonly key: string;
}

export interface LaneDeps {
  readonly name: string;
  readonly ledger: LaneLedger;
  readonly journal: LaneJournal;
  readonly target: Target;
  readonly strategy: LaneStrategy;
  readonly limits: PageLimits;
  readonly log: Logger;
}

/** `idle`: nothing is pending. `standing`: the lane waits for capture to begin, or for a person (needs resync). */
export type LaneOutcome = 'idle' | 'standing';

const RECENT_XIDS = 10_000;
const CONTROL_INTERVAL_MS = 1000;
const POISON_RETRY_MS = 60_000;
const WATERMARK_POLL_MS = 3;

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
  /** A source transaction has been written in part; a target with transactions does not show its state meanwhile. */
  private partialOpen = false;
  private retryPoisonAtMs = 0;

  constructor(readonly deps: LaneDeps) {
    this.writer = new IsolatingWriter(deps.target, deps.journal, deps.log);
  }

  get name(): string {
    return this.deps.name;
  }

  /** Applies everything that is pending. After a rejection the next call starts from what the target says. */
  async advance(signal: AbortSignal): Promise<LaneOutcome> {
    try {
      return await this.run(signal);
    } catch (error) {
      await this.forget();
      throw error;
    }
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
      if (copy) {
        await this.deps.strategy.copyStep(this, copy, signal);
        if (this.current().copy === null) await this.finishCopy(copy);
        continue;
      }
      const progressed = await this.applyNext();
      await this.repairDue(signal);
      if (!progressed) return 'idle';
    }
    return 'idle';
  }

  /** Loads the state when needed and looks at the lane's control once a second. */
  private async ready(): Promise<boolean> {
    const now = Date.now();
    if (this.state && now - this.controlAtMs < CONTROL_INTERVAL_MS) return true;
    const control = await this.deps.journal.control();
    this.controlAtMs = now;
    if (mustStand(control)) return false;
    if (this.state && !this.partialOpen && (await this.deps.target.readState()) !== this.stateText) await this.forget();
    if (!this.state) await this.load();
    const reason = copyReason(control, this.state);
    if (reason !== null) await this.startCopy(control.history, reason);
    else await this.correctMode(control.mode);
    return true;
  }

  /** After a crash between target and journal the target is right. */
  private async correctMode(mode: LaneMode): Promise<void> {
    const isCopying = this.current().copy !== null;
    if (mode === 'copying' && !isCopying) await this.deps.journal.setMode('streaming', null);
    if (mode === 'streaming' && isCopying) await this.deps.journal.setMode('copying', 'interrupted');
  }

  private async load(): Promise<void> {
    this.stateText = await this.deps.target.readState();
    this.state = this.stateText === null ? null : parseLaneState(this.stateText);
    this.recent = new RecentXids(await this.deps.ledger.recentXids(RECENT_XIDS), RECENT_XIDS);
    await this.writer.load();
    if (this.state) this.deps.journal.applied(this.state, 0);
  }

  /**
   * Begins a copy at what has been captured up to now: every snapshot taken later holds everything before it.
   * Rows that the target has and the source has not are swept at the end, unless the target was empty.
   * The target comes first: a crash before the journal knows leaves the request standing, and it is carried out again.
   */
  private async startCopy(history: string, reason: string): Promise<void> {
    const { ledger, journal, target, log } = this.deps;
    await this.deps.strategy.reset();
    const position = { commitLsn: await ledger.capturedTo(), seq: -1 };
    const sweep = !(await target.isEmpty());
    const copy: CopyProgress = { id: randomUUID(), tableIndex: 0, afterKey: null, rows: 0, phase: 'rows', sweep };
    await this.moveTo({ history, position, copy }, EMPTY_BATCH);
    await journal.setMode('copying', reason);
    log.info({ event: 'lane.copy_started', copyId: copy.id, reason, sweep }, `copying: ${reason}`);
  }

  private async finishCopy(copy: CopyProgress): Promise<void> {
    await this.deps.journal.setMode('streaming', null);
    this.controlAtMs = 0; // a copy that was asked for meanwhile follows at once
    this.deps.log.info({ event: 'lane.copy_finished', copyId: copy.id, rows: copy.rows }, 'copied');
  }

  /** Applies the next page of the ledger. @returns false when there is none */
  private async applyNext(): Promise<boolean> {
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
    await this.moveTo({ ...this.current(), position }, batch, partial);
    this.recent.record(changes);
    for (const log of this.logs) log.record(changes);
    this.deps.journal.applied(this.current(), changes.length);
  }

  private async repairDue(signal: AbortSignal): Promise<void> {
    const retryPoison = this.writer.hasPoison && Date.now() >= this.retryPoisonAtMs;
    if (retryPoison) this.retryPoisonAtMs = Date.now() + POISON_RETRY_MS;
    const keys = this.writer.dueForRepair(retryPoison);
    if (keys.length > 0) await this.deps.strategy.repair(this, keys, signal);
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

  /** Writes rows of a copy and moves the state, atomically. */
  async copyTo(next: LaneState, chunk: RowChunk): Promise<void> {
    const text = formatLaneState(next);
    await this.deps.target.writeRows(chunk, { expected: this.stateText, next: text });
    this.moved(next, text);
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

  /** Applies the stream until everything that committed before `watermark` is in the target. */
  async streamPast(watermark: Lsn, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const captured = await this.deps.ledger.capturedTo();
      while (await this.applyNext()) signal.throwIfAborted();
      if (captured >= watermark) return;
      await abortableSleep(WATERMARK_POLL_MS, signal);
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

/** Capture has not begun, or the data set needs a resync that nobody has asked for yet. */
function mustStand({ history, mode, copyRequested }: LaneControl): boolean {
  return history === '' || (mode === 'needs_resync' && !copyRequested);
}

function copyReason(control: LaneControl, state: LaneState | null): string | null {
  if (control.copyRequested) return 'asked for';
  if (!state) return control.mode === 'copying' ? 'first load' : 'the target lost what it held';
  if (state.history !== control.history) return 'the source began a new history';
  return null;
}

function positionOf({ commitLsn, seq }: LaneChange): Position {
  return { commitLsn, seq };
}
