import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { Pool } from 'pg';
import { LANES_QUEUE } from '@astro/jobs';
import { fireDue, type Firing } from '@astro/runs';
import { withDeadline, type Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { LEDGER_POOL } from '../engine/engine.module.js';
import { Every } from '../engine/every.js';
import { ProblemLog } from '../engine/problem-log.js';

const INTERVAL_MS = 1000;
const TIDY_INTERVAL_MS = 600_000;
/** A queue that is away must not hold up the end of the process. */
const DEADLINE_MS = 3000;

/**
 * Starts a run of each scheduled data set at its times. The times are kept in SystemDB, so that a restart neither loses
 * nor doubles one, and several workers may ask.
 */
@Injectable()
export class Schedules implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly firing: Every;
  private readonly tidying: Every;
  private readonly problems = new Map<string, ProblemLog>();

  constructor(
    @InjectQueue(LANES_QUEUE) private readonly queue: Queue,
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(LOG) private readonly log: Logger,
  ) {
    this.firing = new Every('schedules', INTERVAL_MS, log);
    this.tidying = new Every('old_schedulers', TIDY_INTERVAL_MS, log);
  }

  onApplicationBootstrap(): void {
    this.firing.start(() => this.fire());
    this.tidying.start(() => withDeadline(this.removeOldSchedulers(), DEADLINE_MS, 'tidying up the queue'));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.firing.stop();
    await this.tidying.stop();
  }

  private async fire(): Promise<void> {
    for (const firing of await fireDue(this.pool)) this.say(firing);
  }

  private say(firing: Firing): void {
    const { dataSet, scheduledFor } = firing;
    if (firing.kind === 'skipped') {
      const facts = { event: 'schedule.skipped', dataSet, scheduledFor };
      this.log.warn(facts, `the schedule of ${dataSet} was skipped: ${firing.reason}`);
      return;
    }
    if (firing.kind === 'failed') {
      const { error: cause } = firing;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const text = `the schedule of ${dataSet} could not start its run; it is tried again: ${reason}`;
      this.problemsOf(dataSet).report(new Error(text, { cause }), { dataSet, scheduledFor });
      return;
    }
    const { runId, isCatchUp } = firing;
    const missed = isCatchUp ? '; it catches up with times that were missed' : '';
    this.log.info({ event: 'schedule.fired', dataSet, scheduledFor, runId, isCatchUp }, `run ${runId} is due${missed}`);
  }

  /** It is tried again every second, and said once. */
  private problemsOf(dataSet: string): ProblemLog {
    const problems = this.problems.get(dataSet) ?? new ProblemLog(this.log, 'schedule.failed');
    this.problems.set(dataSet, problems);
    return problems;
  }

  /** Versions before runs kept the times in the queue; those would open lanes beside the runs. */
  private async removeOldSchedulers(): Promise<void> {
    for (const { key } of await this.queue.getJobSchedulers()) await this.queue.removeJobScheduler(key);
  }
}
