import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { ADVANCE_JOB, LANES_QUEUE, advanceDeduplicationId, type AdvanceJob } from '@astro/jobs';
import type { Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { ProblemLog } from './problem-log.js';

/** A lane that runs hears of appends by itself; its job is renewed this often at most. */
const SIGNAL_INTERVAL_MS = 1000;

/**
 * Tells workers that a lane has something to do. Only a signal: it carries no rows, may be lost and may come twice.
 * Never rejects, because a queue that is down must not hold up capture: the sweeper signals again.
 */
@Injectable()
export class LaneSignals {
  private readonly signalledAtMs = new Map<string, number>();
  private problem = '';

  constructor(
    @InjectQueue(LANES_QUEUE) private readonly queue: Queue<AdvanceJob>,
    @Inject(LOG) private readonly log: Logger,
  ) {
    const problems = new ProblemLog(log, 'queue.connection_error');
    queue.on('error', (error) => problems.report(error)); // without a listener it would go to stderr
  }

  /** For every append: signals once, then again at most once a second. */
  async changed(lane: string): Promise<void> {
    const now = Date.now();
    if (now - (this.signalledAtMs.get(lane) ?? 0) < SIGNAL_INTERVAL_MS) return;
    this.signalledAtMs.set(lane, now);
    await this.add(lane, advanceDeduplicationId(lane));
  }

  /**
   * For a lane that has work and does not move: a job of its own, because the one that should run may be held by a
   * worker that is gone (W35, W36). @param round a new job for each
   */
  async stuck(lane: string, round: number): Promise<void> {
    await this.add(lane, `${advanceDeduplicationId(lane)}-${round}`);
  }

  private async add(lane: string, deduplicationId: string): Promise<void> {
    try {
      await this.queue.add(
        ADVANCE_JOB,
        { lane },
        { deduplication: { id: deduplicationId }, removeOnComplete: true, removeOnFail: 100 },
      );
      this.problem = '';
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== this.problem) this.log.warn({ event: 'signal.failed', lane, err: error }, message);
      this.problem = message;
    }
  }
}
