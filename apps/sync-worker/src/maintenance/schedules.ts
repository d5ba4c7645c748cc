import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { ADVANCE_JOB, LANES_QUEUE, advanceDeduplicationId, type AdvanceJob } from '@astro/jobs';
import { withDeadline, type Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { PREPARED } from '../engine/engine.module.js';
import type { Prepared } from '../engine/prepare.js';
import { Every } from '../engine/every.js';

const INTERVAL_MS = 60_000;
/** A queue that is away must not hold up the end of the process. */
const DEADLINE_MS = 3000;

/** Opens the lanes of scheduled data sets at their times. Set again every minute, so that a lost Redis heals. */
@Injectable()
export class Schedules implements OnApplicationBootstrap {
  private readonly every: Every;

  constructor(
    @InjectQueue(LANES_QUEUE) private readonly queue: Queue<AdvanceJob>,
    @Inject(PREPARED) private readonly prepared: Prepared,
    @Inject(LOG) log: Logger,
  ) {
    this.every = new Every('schedules', INTERVAL_MS, log);
  }

  onApplicationBootstrap(): void {
    this.every.start(() => withDeadline(this.keep(), DEADLINE_MS, 'setting the schedules'));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.every.stop();
  }

  private async keep(): Promise<void> {
    const wanted = new Set<string>();
    for (const { name, schedule } of this.prepared.catalogue.dataSets) {
      if (!schedule) continue;
      const id = advanceDeduplicationId(name);
      wanted.add(id);
      await this.queue.upsertJobScheduler(
        id,
        { pattern: schedule.cron, tz: schedule.timeZone },
        { name: ADVANCE_JOB, data: { lane: name }, opts: { removeOnComplete: true, removeOnFail: 100 } },
      );
    }
    for (const { key } of await this.queue.getJobSchedulers()) {
      if (!wanted.has(key)) await this.queue.removeJobScheduler(key);
    }
  }
}
