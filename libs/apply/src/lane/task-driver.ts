import { abortableSleep } from '@astro/runtime';
import {
  FencedError,
  SyncError,
  assertNever,
  parseLsn,
  publicReason,
  rowsRefusal,
  type CopyProgress,
  type LaneFailure,
  type LaneTask,
  type Lsn,
  type RemovalGuard,
  type TaskProgress,
} from '@astro/sync-core';
import { RowFilterError } from '../source/row-filter.js';
import { EMPTY_BATCH } from '../targets/target.js';
import type { Lane } from './lane.js';
import { RowGate } from './row-gate.js';
import { endOf } from './strategy-tools.js';
import { adopted, started, type TaskAccess } from './task-begin.js';
import { TaskPages } from './task-pages.js';

const LOOK_ASIDE_MS = 1000;
const LONGEST_WAIT_MS = 100;
const CAPTURE_POLL_MS = 20;

/**
 * Carries out what runs ask of a lane: begins, goes on with, lets rest and gives up the copy in the lane's state. That
 * state is at the target and moves with the data; so whichever worker moves the lane goes on where the last one
 * stopped, and one that was overtaken writes nothing (W37).
 */
export class TaskDriver {
  private task: LaneTask | null = null;
  private readonly gate = new RowGate();
  private readonly pages: TaskPages | null;

  constructor(
    private readonly lane: Lane,
    private readonly access: TaskAccess | null,
  ) {
    this.pages = access && new TaskPages(lane, access.port, access.source);
  }

  /** Looks at what is asked and brings the copy in line with it. Not while a source transaction is written in part. */
  async look(): Promise<void> {
    const task = await this.ask();
    const { copy } = this.lane.current();
    if (copy?.task && copy.task.item !== task?.item) await this.releaseEnded(copy, copy.task);
    if (!task || !this.access) return;
    switch (task.intent) {
      case 'go':
        return this.begin(task, this.access);
      case 'pause':
        return this.access.port.paused(task);
      case 'cancel':
        return this.cancel(task, this.access);
      default:
        return assertNever(task.intent);
    }
  }

  /** The lane stands and may not write; a run that is to end can do so. */
  async whileStanding(): Promise<void> {
    const task = await this.ask();
    if (!task || !this.access) return;
    const { port } = this.access;
    if (task.intent === 'pause') return port.paused(task);
    if (task.intent === 'go') return port.standing(task);
    await this.lane.forget();
    const state = await this.lane.load();
    const isOurs = state?.copy?.task?.item === task.item;
    if (isOurs) await this.lane.moveTo({ ...state, copy: null }, EMPTY_BATCH);
    await port.ended(task, { outcome: 'cancelled', message: null, copy: isOurs ? state.copy : null });
  }

  /** True when the next step of the copy may be done now: asked for, and within its rate. */
  mayStep(copy: CopyProgress): boolean {
    if (!copy.task) return true;
    if (!this.isOn(copy)) return false;
    return copy.phase === 'end' || this.gate.waitMs(Date.now()) === 0;
  }

  /** Rests for a moment when only the rate is between the lane and the next step. @returns false when nothing is */
  async rest(signal: AbortSignal): Promise<boolean> {
    const { copy } = this.lane.current();
    if (!copy || !this.isOn(copy)) return false;
    await abortableSleep(Math.min(this.gate.waitMs(Date.now()), LONGEST_WAIT_MS), signal);
    return true;
  }

  /** One step of a run's copy; broken off when the run is paused or cancelled, because a wait for capture may be long. */
  async step(copy: CopyProgress, signal: AbortSignal, copyStep: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { task } = this;
    if (!copy.task || !task || !this.access) return copyStep(signal);
    const off = new AbortController();
    const timer = setInterval(() => void this.lookAside(task, off), LOOK_ASIDE_MS);
    try {
      await this.stepOf(copy, { task, signal: AbortSignal.any([signal, off.signal]), copyStep });
    } catch (error) {
      if (signal.aborted || !off.signal.aborted) throw error;
      await this.lane.forget();
    } finally {
      clearInterval(timer);
    }
  }

  guardOf(copy: CopyProgress): RemovalGuard | null {
    return this.isOn(copy) ? (this.task?.guard ?? null) : null;
  }

  stopped(copy: CopyProgress, message: string): CopyProgress | null {
    return withTask(endOf(copy), { stopped: { outcome: 'stopped_by_guard', message } });
  }

  /** A run's copy is kept to a rate. */
  get isPaced(): boolean {
    return this.gate.isPaced;
  }

  rowsAtOnce(most: number): number {
    return this.gate.rowsAtOnce(most);
  }

  /** Rows of the run's copy have been written. */
  passed(rows: number): void {
    this.gate.passed(rows, Date.now());
    const { copy } = this.lane.current();
    if (this.task && copy?.task) this.access?.port.report(this.task, copy);
  }

  async noteFailures(failures: readonly LaneFailure[]): Promise<void> {
    if (this.task?.intent === 'go') await this.access?.port.failed(this.task, failures);
  }

  /** The lane stopped with an error; one that no retry can mend ends the run's part. Never rejects. */
  async noteError(error: unknown): Promise<void> {
    const { task, access } = this;
    if (task?.intent !== 'go' || !access || error instanceof FencedError) return;
    if (!(error instanceof SyncError) || error.retryable) return access.port.retried(task, error);
    const message = publicReason(error);
    await access.port.ended(task, { outcome: 'failed', message, copy: null }).catch(() => undefined); // asked again then
  }

  private async lookAside(task: LaneTask, off: AbortController): Promise<void> {
    const now = await this.access?.port.current().catch(() => task); // said by the next look
    if (now?.item !== task.item || now.intent !== 'go') off.abort();
  }

  private async ask(): Promise<LaneTask | null> {
    this.task = (await this.access?.port.current()) ?? null;
    this.gate.setLimit(this.task?.maxRowsPerSecond ?? null, Date.now());
    return this.task;
  }

  private isOn(copy: CopyProgress): boolean {
    return copy.task !== undefined && copy.task.item === this.task?.item && this.task.intent === 'go';
  }

  /** The lane's own copy becomes the run's; what the run wants besides begins when that one is done. */
  private async begin(task: LaneTask, access: TaskAccess): Promise<void> {
    const { copy } = this.lane.current();
    if (copy?.task) return copy.task.item === task.item ? access.port.report(task, copy) : undefined;
    if (copy && task.work.kind !== 'copy') return;
    try {
      const next = copy ? await adopted(task, copy, access) : await started(task, access, this.lane.deps.target);
      if (!copy) await this.lane.deps.strategy.reset();
      await this.lane.moveTo({ ...this.lane.current(), copy: next }, EMPTY_BATCH);
      access.port.report(task, next);
    } catch (error) {
      if (!(error instanceof RowFilterError)) throw error;
      await access.port.ended(task, { outcome: 'failed', message: error.message, copy: null });
    }
  }

  private async stepOf(
    copy: CopyProgress,
    {
      task,
      signal,
      copyStep,
    }: { task: LaneTask; signal: AbortSignal; copyStep: (signal: AbortSignal) => Promise<void> },
  ): Promise<void> {
    switch (copy.phase) {
      case 'stream':
        return this.streamStep(copy, signal);
      case 'pages':
        return this.pageStep(copy, task, signal);
      case 'end':
        return this.endStep(task, signal);
      default:
        await copyStep(signal);
        return this.checkRows(copy, task);
    }
  }

  private async streamStep(copy: CopyProgress, signal: AbortSignal): Promise<void> {
    const { lane } = this;
    const until = markOf(copy);
    const isCaptured = (await lane.deps.ledger.capturedTo()) >= until;
    if (isCaptured && copy.task?.total === null) return this.countStream(copy, until);
    const progressed = await lane.applyNext();
    const { copy: now, position } = lane.current();
    if (now?.id !== copy.id || lane.isMidTransaction) return;
    const isPast = position.commitLsn >= until || (!progressed && isCaptured);
    if (isPast) return lane.moveTo({ ...lane.current(), copy: endOf(now) }, EMPTY_BATCH);
    if (!progressed) await abortableSleep(CAPTURE_POLL_MS, signal);
  }

  private async countStream(copy: CopyProgress, until: Lsn): Promise<void> {
    const { lane } = this;
    const total = copy.rows + (await lane.deps.ledger.countPending(lane.current().position, until));
    await lane.moveTo({ ...lane.current(), copy: withTask(copy, { total }) }, EMPTY_BATCH);
  }

  private async pageStep(copy: CopyProgress, task: LaneTask, signal: AbortSignal): Promise<void> {
    try {
      await this.pages?.step({ copy, task, signal });
    } catch (error) {
      if (!(error instanceof RowFilterError)) throw error;
      const stopped = { outcome: 'failed', message: error.message } as const;
      await this.lane.moveTo({ ...this.lane.current(), copy: withTask(endOf(copy), { stopped }) }, EMPTY_BATCH);
    }
  }

  /** More rows than were expected stop the run at once, fewer before anything is removed. */
  private async checkRows(before: CopyProgress, { guard }: LaneTask): Promise<void> {
    const { copy } = this.lane.current();
    if (!guard || before.phase !== 'rows' || copy?.id !== before.id || copy.task?.stopped) return;
    const refusal = rowsRefusal(guard, copy.rows, copy.phase !== 'rows');
    if (refusal) await this.lane.moveTo({ ...this.lane.current(), copy: this.stopped(copy, refusal) }, EMPTY_BATCH);
  }

  /** Keys that were set aside are tried once more; what that applies may ask for another copy. */
  private async endStep(task: LaneTask, signal: AbortSignal): Promise<void> {
    await this.lane.repairs.writeDue(signal);
    await this.lane.repairs.mendIncomplete(signal);
    const { copy } = this.lane.current();
    if (copy?.phase === 'end') await this.finish(copy, task);
  }

  /** The run is told before the state forgets it: a crash in between tells it once more. */
  private async finish(copy: CopyProgress, task: LaneTask): Promise<void> {
    const stopped = copy.task?.stopped;
    const leftovers = this.lane.failedKeys();
    if (leftovers.length > 0) await this.access?.port.failed(task, leftovers);
    const whole = leftovers.length > 0 ? 'succeeded_with_leftovers' : 'succeeded';
    const outcome = stopped?.outcome ?? whole;
    await this.access?.port.ended(task, { outcome, message: stopped?.message ?? null, copy });
    const facts = { event: 'lane.task_ended', item: task.item, copyId: copy.id, rows: copy.rows, outcome };
    this.lane.deps.log.info(facts, stopped?.message ?? 'the lane has done its part of a run');
    await this.settleMode(copy);
    await this.lane.moveTo({ ...this.lane.current(), copy: null }, EMPTY_BATCH);
  }

  private async settleMode({ task }: CopyProgress): Promise<void> {
    if (!task?.owed) return;
    const { journal } = this.lane.deps;
    if (task.stopped) await journal.setMode('needs_resync', task.stopped.message);
    else await journal.setMode('streaming', null);
  }

  /** A target that needed this copy is not complete without it, and says so. */
  private async cancel(task: LaneTask, { port }: TaskAccess): Promise<void> {
    const { copy } = this.lane.current();
    const isOurs = copy?.task?.item === task.item;
    if (isOurs && copy.task.owed) {
      await this.lane.deps.journal.setMode('needs_resync', 'The copy that it needed was cancelled.');
    }
    if (isOurs) await this.lane.moveTo({ ...this.lane.current(), copy: null }, EMPTY_BATCH);
    await port.ended(task, { outcome: 'cancelled', message: null, copy: isOurs ? copy : null });
  }

  /** Another worker may hold the item, or nobody while it is paused; once it has ended nobody wants its copy. */
  private async releaseEnded(copy: CopyProgress, { item, ...task }: TaskProgress): Promise<void> {
    if (await this.access?.port.isOpen(item)) return;
    if (copy.phase === 'end') await this.settleMode(copy);
    const { task: _task, ...own } = copy;
    const goesOn = task.owed && copy.phase !== 'end';
    this.lane.deps.log.info({ event: 'lane.task_released', item, goesOn }, 'the run of this copy has ended');
    await this.lane.moveTo({ ...this.lane.current(), copy: goesOn ? own : null }, EMPTY_BATCH);
  }
}

/** Up to where a task that only catches up applies. */
function markOf({ task }: CopyProgress): Lsn {
  return parseLsn(task?.until ?? '0/0');
}

function withTask<T extends CopyProgress | null>(copy: T, changes: Partial<TaskProgress>): T {
  return copy?.task ? { ...copy, task: { ...copy.task, ...changes } } : copy;
}
