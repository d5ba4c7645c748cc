import { Injectable } from '@nestjs/common';
import { type ChangeSchedule, type Permission, type Run, type Schedule, type ScheduleList } from '@astro/contracts';
import { createRun, isEnded, nextTimes, pauseSchedule, readSchedules, type StoredSchedule } from '@astro/runs';
import { AuditedActs } from '../audit/audited-acts.js';
import { type Identity } from '../auth/identity.js';
import { ApiProblem } from '../shared/api-problem.js';
import { Connections } from '../shared/connections.js';
import { type Asking } from './asking.js';
import { initiatorOfRun, permitted } from './caller-rights.js';
import { busyProblem, runFor } from './run-answers.js';

const TIMES_TOLD = 3;

/** Schedules of data sets: when they are due, and letting them rest. When they fire, a worker starts the run. */
@Injectable()
export class SchedulesService {
  constructor(
    private readonly connections: Connections,
    private readonly acts: AuditedActs,
  ) {}

  async list(caller: Identity): Promise<ScheduleList> {
    const schedules = await readSchedules(this.connections.systemDb);
    const asOf = (schedules[0]?.now ?? new Date()).toISOString();
    return { items: schedules.map((schedule) => answerOf(schedule, caller)), asOf };
  }

  async change(dataSet: string, { paused, reason }: ChangeSchedule, { caller, origin }: Asking): Promise<Schedule> {
    if (paused && reason === undefined) {
      const detail = 'Say why the schedule is paused; others will see it.';
      throw new ApiProblem(422, { code: 'REASON_NEEDED', detail, errors: [{ pointer: '/reason', detail }] });
    }
    const action = paused ? 'schedule.pause' : 'schedule.resume';
    const details = { ...(reason !== undefined && { reason }) };
    const record = { action, entityType: 'schedule', entityId: dataSet, origin, details };
    await this.acts.do(record, async (client) => {
      const pause = paused ? { by: initiatorOfRun(caller), reason: reason ?? '' } : null;
      const done = await pauseSchedule(client, dataSet, pause);
      if (!done) throw noSchedule(dataSet);
      const { changed } = done;
      const before = { paused: changed ? !paused : paused };
      return { result: undefined, details: { before, after: { paused }, changed } };
    });
    return this.one(dataSet, caller);
  }

  /** An incremental run of the data set, now; its times stay as they are. */
  async runNow(dataSet: string, { caller, origin }: Asking): Promise<Run> {
    const record = { action: 'schedule.run', entityType: 'schedule', entityId: dataSet, origin };
    const id = await this.acts.do(record, async (client) => {
      if ((await readSchedules(client, dataSet)).length === 0) throw noSchedule(dataSet);
      const initiator = initiatorOfRun(caller);
      const run = { mode: 'incremental', dataSets: [dataSet], options: {}, initiator, whenBusy: 'refuse' } as const;
      const created = await createRun(client, run);
      if (created.kind === 'busy') throw busyProblem(created.inTheWay);
      return { result: created.runId, details: { runId: created.runId, dataSets: [dataSet] } };
    });
    return runFor(this.connections.systemDb, id, caller);
  }

  private async one(dataSet: string, caller: Identity): Promise<Schedule> {
    const [schedule] = await readSchedules(this.connections.systemDb, dataSet);
    if (!schedule) throw noSchedule(dataSet);
    return answerOf(schedule, caller);
  }
}

function noSchedule(dataSet: string): ApiProblem {
  return new ApiProblem(404, { code: 'NO_SUCH_SCHEDULE', detail: `The data set "${dataSet}" has no schedule.` });
}

function answerOf(schedule: StoredSchedule, caller: Identity): Schedule {
  const { dataSet, cron, timeZone, now, pausedAt, pausedBy, skippedFor } = schedule;
  const isPaused = pausedAt !== null && pausedBy !== null;
  return {
    ...{ dataSet, cron, timeZone },
    next: isPaused ? [] : nextTimes(schedule, now, TIMES_TOLD).map((time) => time.toISOString()),
    paused: isPaused ? { by: pausedBy, reason: schedule.pausedReason ?? '', at: pausedAt.toISOString() } : null,
    lastRun: lastRunOf(schedule),
    lastSkipped: skippedFor ? { scheduledFor: skippedFor.toISOString(), reason: schedule.skippedReason ?? '' } : null,
    allowed: permitted(allowedOf(schedule, isPaused), caller),
  };
}

function lastRunOf({ lastRunId, lastRunState, lastRunFinishedAt, lastFiredFor }: StoredSchedule): Schedule['lastRun'] {
  if (lastRunId === null || lastRunState === null || lastFiredFor === null) return null;
  const finishedAt = lastRunFinishedAt?.toISOString() ?? null;
  return { id: lastRunId, state: lastRunState, scheduledFor: lastFiredFor.toISOString(), finishedAt };
}

function allowedOf(
  { lastRunId, lastRunState }: StoredSchedule,
  isPaused: boolean,
): Record<'pause' | 'resume' | 'run', Permission> {
  const isGoing = lastRunState !== null && !isEnded(lastRunState);
  return {
    pause: isPaused ? { ok: false, reason: 'It is paused already.' } : { ok: true },
    resume: isPaused ? { ok: true } : { ok: false, reason: 'It is not paused.' },
    run: isGoing ? { ok: false, reason: `Run ${lastRunId ?? ''} has not ended.` } : { ok: true },
  };
}
