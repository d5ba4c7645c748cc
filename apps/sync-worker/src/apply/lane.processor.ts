import { Processor, WorkerHost } from '@nestjs/bullmq';
import { UnrecoverableError, type Job } from 'bullmq';
import { LANES_QUEUE, parseAdvanceJob } from '@astro/jobs';
import { ApplyService } from './apply.service.js';

/** Lanes mostly wait for the network, so many share a process; each is serial in itself. */
const LANES_AT_ONCE = 64;
/** A worker that is gone gives its lanes back after this time. */
const LOCK_MS = 10_000;

@Processor(LANES_QUEUE, {
  concurrency: LANES_AT_ONCE,
  lockDuration: LOCK_MS,
  stalledInterval: LOCK_MS,
  maxStalledCount: 1_000_000, // the ledger decides what is done, not the count of lost workers (W36)
})
export class LaneProcessor extends WorkerHost {
  constructor(private readonly apply: ApplyService) {
    super();
  }

  override async process(job: Job<unknown>): Promise<void> {
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
