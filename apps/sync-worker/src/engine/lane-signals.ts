import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { ADVANCE_JOB, LANES_QUEUE, advanceDeduplicationId, type AdvanceJob } from '@astro/jobs';
import type { Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { closeQueue } from './close-queue.js';
import { ProblemLog } from './problem-log.js';

/** A lane that runs hears of appends by itself; its job is renewed this often at most. */
const SIGNAL_INTERVAL_MS = 1000;

/**
 * Tells workers that a lane has something to do. Only a signal: it carries no rows, may be lost and may come twice.
 * Nobody waits for it, because a queue that is down must not hold up other work: the sweeper signals again.
 */
@Injectable()
export class LaneSignals implements BeforeApplicationShutdown {
  private readonly signalledAtMs = new Map<string, number>();
  private readonly unanswered = new Set<string>();
  private readonly problems: ProblemLog;

  constructor(
    @InjectQueue(LANES_QUEUE) private readonly queue: Queue<AdvanceJob>,
    @Inject(LOG) log: Logger,
  ) {
    this.problems = new ProblemLog(log, 'signal.failed');
    queue.on('error', (error) => this.problems.report(error)); // without a listener it would go to stderr
  }

  /** For every append: signals once, then again at most once a second. */
  changed(lane: string): void {
    const now = Date.now();
    if (now - (this.signalledAtMs.get(lane) ?? 0) < SIGNAL_INTERVAL_MS) return;
    this.signalledAtMs.set(lane, now);
    this.add(lane, advanceDeduplicationId(lane));
  }

  /**
   * For a lane that has work and does not move: a job of its own, because the one that should run may be held by a
   * worker that is gone (W35, W36). @param round a new job for each
   */
  stuck(lane: string, round: number): void {
    this.add(lane, `${advanceDeduplicationId(lane)}-${round}`);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await closeQueue(this.queue);
  }

  /** While the queue is away one signal per lane waits for it, not one per second. */
  private add(lane: string, deduplicationId: string): void {
    if (this.unanswered.has(lane) || this.queue.closing) return;
    this.unanswered.add(lane);
    const options = { deduplication: { id: deduplicationId }, removeOnComplete: true, removeOnFail: 100 };
    this.queue
      .add(ADVANCE_JOB, { lane }, options)
      .catch((error: Error) => this.problems.report(error))
      .finally(() => this.unanswered.delete(lane));
  }
}
