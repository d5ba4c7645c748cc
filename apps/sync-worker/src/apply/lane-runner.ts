import { FencedError, SyncError, type LaneMode } from '@astro/sync-core';
import type { Lane } from '@astro/apply';
import { Backoff, abortableSleep } from '@astro/runtime';

/** A lane with nothing to do keeps listening this long before its job ends: the next change finds it awake. */
const LINGER_MS = 5000;
const STANDING_MS = 1000;

/** What a lane is doing in this process, for health and metrics. */
export interface LaneStatus {
  readonly lane: string;
  running: boolean;
  problem: string | null;
  problemSinceMs: number;
}

/** Runs lanes when they are signalled: each by itself in order, several side by side. */
export class LaneRunner {
  private readonly lanes: ReadonlyMap<string, Lane>;
  private readonly wakeUps = new Map<string, () => void>();
  private readonly woken = new Set<string>();
  readonly statuses: ReadonlyMap<string, LaneStatus>;

  constructor(lanes: readonly Lane[]) {
    this.lanes = new Map(lanes.map((lane) => [lane.name, lane]));
    this.statuses = new Map(
      lanes.map(({ name }) => [name, { lane: name, running: false, problem: null, problemSinceMs: 0 }]),
    );
  }

  has(name: string): boolean {
    return this.lanes.has(name);
  }

  isRunning(name: string): boolean {
    return this.statuses.get(name)?.running ?? false;
  }

  /** The lane's ledger has grown. Heard by a running lane only; the others get a job. */
  wake(name: string): void {
    if (!this.isRunning(name)) return;
    this.woken.add(name);
    this.wakeUps.get(name)?.();
  }

  /**
   * Moves the lane on until nothing has come for a while, or `signal` aborts. Transient errors are retried here with
   * growing pauses; what no retry can mend stops the lane loudly. A lane that runs here already is left alone.
   */
  async run(name: string, signal: AbortSignal): Promise<void> {
    const lane = this.lanes.get(name);
    const status = this.statuses.get(name);
    if (!lane || !status || status.running) return;
    status.running = true;
    try {
      await this.keepMoving(lane, status, signal);
    } finally {
      status.running = false;
      this.woken.delete(name);
    }
  }

  private async keepMoving(lane: Lane, status: LaneStatus, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ baseMs: 50, maxMs: 5000 });
    while (!signal.aborted) {
      this.woken.delete(lane.name);
      try {
        const outcome = await lane.advance(signal);
        backoff.reset();
        status.problem = null;
        const waitMs = lane.deps.isScheduled ? 0 : outcome === 'idle' ? LINGER_MS : STANDING_MS;
        if (!(await this.wokenWithin(lane.name, waitMs, signal))) return;
      } catch (error) {
        if (signal.aborted || error instanceof FencedError) return;
        await this.afterFailure(lane, status, error);
        await abortableSleep(backoff.nextMs(), signal);
      }
    }
  }

  private async afterFailure(lane: Lane, status: LaneStatus, error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    if (status.problem === null) status.problemSinceMs = Date.now();
    const isNew = status.problem !== message;
    status.problem = message;
    const { log } = lane.deps;
    if (error instanceof SyncError && !error.retryable) {
      const mode: LaneMode = 'needs_resync';
      log.error({ event: 'lane.stopped', code: error.code, err: error }, message);
      await lane.deps.journal.setMode(mode, message).catch(() => undefined); // the next failure says it again
      return;
    }
    log[isNew ? 'warn' : 'debug']({ event: 'lane.retry', err: error }, message);
  }

  private async wokenWithin(name: string, waitMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.woken.has(name)) return true;
    if (waitMs === 0) return false;
    const waiting = new AbortController();
    this.wakeUps.set(name, () => waiting.abort());
    try {
      await abortableSleep(waitMs, AbortSignal.any([signal, waiting.signal]));
    } finally {
      this.wakeUps.delete(name);
    }
    return this.woken.has(name) && !signal.aborted;
  }
}
