import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { UnrecoverableError, type Job } from 'bullmq';
import { LANES_QUEUE, parseAdvanceJob } from '@astro/jobs';
import type { Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { closeWorker } from '../engine/close-queue.js';
import { ProblemLog } from '../engine/problem-log.js';
import { ApplyService } from './apply.service.js';

/** Lanes mostly wait for the network, so all of them may run in one process; each is serial in itself. */
const SPARE_LANES = 8;
/** A worker that is gone gives its lanes back after this time. */
const LOCK_MS = 10_000;

@Processor(LANES_QUEUE, {
  lockDuration: LOCK_MS,
  stalledInterval: LOCK_MS,
  maxStalledCount: 1_000_000, // the ledger decides what is done, not the count of lost workers (W36)
})
export class LaneProcessor extends WorkerHost implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly problems: ProblemLog;
  private isQueueAway = true;

  constructor(
    private readonly apply: ApplyService,
    @Inject(LOG) log: Logger,
  ) {
    super();
    this.problems = new ProblemLog(log, 'queue.worker_error');
  }

  /** Without a listener it would go to stderr. */
  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.problems.report(error);
  }

  /** A lane that waits for changes keeps its job, so none may have to wait for another's to end. */
  onApplicationBootstrap(): void {
    this.worker.concurrency = this.apply.laneCount + SPARE_LANES;
  }

  @OnWorkerEvent('ioredis:close')
  onConnectionLost(): void {
    this.isQueueAway = true;
  }

  /** Closing in order would wait without end for a queue that is away; its lanes are given back after the lock time. */
  async beforeApplicationShutdown(): Promise<void> {
    this.apply.endLanes(); // else a lane under load would keep its job, and closing would wait for it without end
    await closeWorker(this.worker, this.isQueueAway);
  }

  override async process(job: Job<unknown>): Promise<void> {
    this.isQueueAway = false;
    await this.apply.advance(laneOf(job));
  }
}

function laneOf(job: Job<unknown>): string {
  try {
    return parseAdvanceJob(job.data).lane;
  } catch (error) {
    throw new UnrecoverableError(`Job ${job.id} does not name a lane: ${String(error)}`);
  }
}
