import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type Preview, type PreviewConflict, type PreviewRequest } from '@astro/contracts';
import {
  PREVIEW_LIFE_S,
  createRun,
  largestRemoval,
  readPreview,
  readSchedules,
  runsInTheWay,
  steerRun,
  totalDuration,
  type StoredPreview,
} from '@astro/runs';
import { abortableSleep, type ApiEnv } from '@astro/runtime';
import { AuditedActs } from '../audit/audited-acts.js';
import { ApiProblem } from '../shared/api-problem.js';
import { Connections } from '../shared/connections.js';
import { API_ENV } from '../shared/shared.module.js';
import { type Asking } from './asking.js';
import { initiatorOfRun } from './caller-rights.js';
import { RunScope } from './run-scope.js';

/** A small preview is answered at once. */
const WAIT_MS = 2_000;
const LOOK_EVERY_MS = 100;
/** Schedules that fire within this time after the run should end are told, too. */
const SCHEDULE_MARGIN_MS = 15 * 60_000;

/** What a run would do, counted by a worker before anything is touched. */
@Injectable()
export class PreviewsService {
  constructor(
    @Inject(API_ENV) private readonly env: ApiEnv,
    private readonly connections: Connections,
    private readonly scope: RunScope,
    private readonly acts: AuditedActs,
  ) {}

  /** @returns the preview, complete when it took no longer than two seconds */
  async make(request: PreviewRequest, { caller, origin }: Asking): Promise<Preview> {
    const details = { ...request };
    const dataSets = await this.scope.resolve(request);
    const { mode, options } = request;
    const initiator = initiatorOfRun(caller);
    const confirmation = randomBytes(6).toString('hex').toUpperCase();
    const id = await this.acts.do({ action: 'run.preview', entityType: 'run', details, origin }, async (client) => {
      const run = { isPreview: true, mode, dataSets, options, initiator, whenBusy: 'refuse', confirmation } as const;
      const created = await createRun(client, run);
      if (created.kind === 'busy') throw new Error('previews are never in the way');
      const { runId } = created;
      return { result: runId, entityId: runId, details: { previewId: runId, dataSets } };
    });
    for (const untilMs = Date.now() + WAIT_MS; Date.now() < untilMs; await abortableSleep(LOOK_EVERY_MS)) {
      if (!(await this.isPlanning(id))) break;
    }
    return this.read(id);
  }

  async discard(id: string, { caller, origin }: Asking): Promise<Preview> {
    const record = { action: 'run.discard_preview', entityType: 'run', entityId: id, origin };
    await this.read(id);
    await this.acts.do(record, async (client) => {
      const steered = await steerRun(client, id, { verb: 'cancel', by: initiatorOfRun(caller), isPreview: true });
      if (steered?.move.kind === 'refused') {
        throw new ApiProblem(409, { code: 'RUN_STATE', detail: steered.move.reason });
      }
      return { result: undefined, details: { before: steered?.before, after: steered?.after } };
    });
    return this.read(id);
  }

  async read(id: string): Promise<Preview> {
    const preview = await readPreview(this.connections.systemDb, id);
    if (!preview) throw new ApiProblem(404, { code: 'NO_SUCH_PREVIEW', detail: `There is no preview ${id}.` });
    const duration = totalDuration(preview.items);
    const { isExpired, now, ...facts } = preview;
    return {
      ...facts,
      ...{ dataSets: [...preview.dataSets], items: [...preview.items], duration },
      state: isExpired ? 'expired' : stateOf(preview),
      createdAt: preview.createdAt.toISOString(),
      ...agesOf(preview),
      conflicts: await this.conflicts(preview, duration?.highS ?? 0),
      ...this.confirmationOf(preview),
      asOf: now.toISOString(),
    };
  }

  /** Cheap, unlike the whole preview. */
  private async isPlanning(id: string): Promise<boolean> {
    const sql = `SELECT 1 FROM sync.runs WHERE id = $1 AND state = 'planning'`;
    return (await this.connections.systemDb.query(sql, [id])).rowCount === 1;
  }

  private confirmationOf({ state, items, isExpired, confirmation }: StoredPreview) {
    const removal = state === 'planned' ? largestRemoval(items, this.env.guard) : null;
    if (!removal) return { confirmation: null, confirmationReason: null };
    const { removals, targetRows, dataSet } = removal;
    const confirmationReason = `It would remove ${removals ?? 0} of the ${targetRows ?? 0} rows of "${dataSet}".`;
    return { confirmation: isExpired ? null : confirmation, confirmationReason };
  }

  private async conflicts({ dataSets, now }: StoredPreview, highS: number): Promise<PreviewConflict[]> {
    const client = await this.connections.systemDb.connect();
    try {
      const runs = await runsInTheWay(client, dataSets);
      const untilMs = now.getTime() + highS * 1000 + SCHEDULE_MARGIN_MS;
      const schedules = (await readSchedules(client)).filter(
        ({ dataSet, nextAt, pausedAt }) => dataSets.includes(dataSet) && !pausedAt && nextAt.getTime() <= untilMs,
      );
      return [
        ...runs.map(({ runId, dataSet, state, initiator }) => ({
          ...{ kind: 'run' as const, dataSet, runId, at: null },
          detail: `Run ${runId} of "${dataSet}" is ${state}, started by ${initiator.name}.`,
        })),
        ...schedules.map(({ dataSet, nextAt }) => ({
          ...{ kind: 'schedule' as const, dataSet, runId: null, at: nextAt.toISOString() },
          detail: `The schedule of "${dataSet}" is due at ${nextAt.toISOString()}; it is skipped while a run is going.`,
        })),
      ];
    } finally {
      client.release();
    }
  }
}

function agesOf({ createdAt, readyAt, now }: StoredPreview) {
  const ageS = Math.max(0, Math.floor((now.getTime() - (readyAt ?? createdAt).getTime()) / 1000));
  if (!readyAt) return { ageS, readyAt: null, expiresAt: null };
  const expiresAt = new Date(readyAt.getTime() + PREVIEW_LIFE_S * 1000).toISOString();
  return { ageS, readyAt: readyAt.toISOString(), expiresAt };
}

function stateOf({ state }: StoredPreview): Preview['state'] {
  return state === 'planning' || state === 'planned' || state === 'cancelled' ? state : 'failed';
}
