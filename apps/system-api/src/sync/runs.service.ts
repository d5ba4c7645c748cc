import { Inject, Injectable } from '@nestjs/common';
import { type PoolClient } from 'pg';
import { type ChangeRun, type Run, type StartRun } from '@astro/contracts';
import {
  changeRate,
  createRun,
  isEnded,
  readPreview,
  retryRun,
  steerRun,
  type StoredPreview,
  type SteeringVerb,
} from '@astro/runs';
import { type ApiEnv } from '@astro/runtime';
import { type AuditRecord } from '../audit/audit-log.js';
import { AuditedActs } from '../audit/audited-acts.js';
import { ApiProblem } from '../shared/api-problem.js';
import { Connections } from '../shared/connections.js';
import { API_ENV } from '../shared/shared.module.js';
import { type Asking } from './asking.js';
import { initiatorOfRun } from './caller-rights.js';
import { busyProblem, noRun, runFor } from './run-answers.js';
import { RunScope } from './run-scope.js';
import { limitsFor, plannedOf } from './start-rules.js';

const PREVIEW_ONCE = 'runs_preview_once';

/** Starts and steers runs. Each act and its audit entry are one transaction; workers learn of it when it commits. */
@Injectable()
export class RunsService {
  constructor(
    @Inject(API_ENV) private readonly env: ApiEnv,
    private readonly connections: Connections,
    private readonly scope: RunScope,
    private readonly acts: AuditedActs,
  ) {}

  async start(request: StartRun, asking: Asking): Promise<Run> {
    const dataSets = await this.scope.resolve(request);
    const record = { action: 'run.start', entityType: 'run', origin: asking.origin, details: { ...request, dataSets } };
    const id = await this.acts.do(record, async (client) => {
      const preview = await this.previewOf(client, request);
      const limits = limitsFor({ request, dataSets, preview, guard: this.env.guard });
      const { mode, options, whenBusy, previewId } = request;
      const initiator = initiatorOfRun(asking.caller);
      const run = {
        mode,
        dataSets,
        options,
        initiator,
        whenBusy,
        limits,
        ...(previewId !== undefined && { previewId }),
      };
      const created = await createRun(client, run).catch(asUsedPreview);
      if (created.kind === 'busy') throw busyProblem(created.inTheWay);
      const { runId, queuedBehind } = created;
      const planned = preview && { planned: plannedOf(preview.items) };
      return { result: runId, entityId: runId, details: { runId, queuedBehind, ...planned } };
    });
    return runFor(this.connections.systemDb, id, asking.caller);
  }

  async steer(id: string, verb: SteeringVerb, asking: Asking): Promise<Run> {
    await this.acts.do(this.record(`run.${verb}`, id, asking), async (client) => {
      const steered = await steerRun(client, id, { verb, by: initiatorOfRun(asking.caller) });
      if (!steered) throw noRun(id);
      const { move, before, after, dataSets } = steered;
      if (move.kind === 'refused') throw refusedByState(move.reason);
      return { result: undefined, details: { before, after, changed: move.kind === 'to', dataSets } };
    });
    return runFor(this.connections.systemDb, id, asking.caller);
  }

  async change(id: string, { rateLimitRowsPerS }: ChangeRun, asking: Asking): Promise<Run> {
    await this.acts.do(this.record('run.change', id, asking), async (client) => {
      const change = await changeRate(client, id, { rowsPerS: rateLimitRowsPerS, unless: isEnded });
      if (!change) throw noRun(id);
      if (isEnded(change.state)) throw refusedByState('The run has ended; its rate limit has no meaning any more.');
      const { before, dataSets } = change;
      return { result: undefined, details: { rateLimitRowsPerS: { before, after: rateLimitRowsPerS }, dataSets } };
    });
    return runFor(this.connections.systemDb, id, asking.caller);
  }

  async retry(id: string, asking: Asking): Promise<Run> {
    const newId = await this.acts.do(this.record('run.retry', id, asking), async (client) => {
      const retried = await retryRun(client, id, initiatorOfRun(asking.caller));
      if (!retried) throw noRun(id);
      if (retried.kind === 'refused') throw refusedByState(retried.reason);
      if (retried.kind === 'busy') throw busyProblem(retried.inTheWay);
      const { runId, dataSets } = retried;
      return { result: runId, details: { runId, dataSets } };
    });
    return runFor(this.connections.systemDb, newId, asking.caller);
  }

  /** The preview that the request names; null: it names none. */
  private async previewOf(client: PoolClient, { previewId }: StartRun): Promise<StoredPreview | null> {
    if (previewId === undefined) return null;
    const preview = await readPreview(client, previewId);
    if (!preview) {
      throw new ApiProblem(422, {
        code: 'NO_SUCH_PREVIEW',
        detail: `There is no preview ${previewId}.`,
        errors: [{ pointer: '/previewId', detail: 'is no preview' }],
      });
    }
    return preview;
  }

  private record(action: string, id: string, { origin }: Asking): AuditRecord {
    return { action, entityType: 'run', entityId: id, origin };
  }
}

function refusedByState(reason: string): ApiProblem {
  return new ApiProblem(409, { code: 'RUN_STATE', detail: reason });
}

/** Two that start from the same preview at the same moment: the second is told so. */
function asUsedPreview(error: unknown): never {
  if ((error as { constraint?: unknown }).constraint !== PREVIEW_ONCE) throw error;
  throw new ApiProblem(409, {
    code: 'PREVIEW_USED',
    detail: 'Another run was started from this preview this moment. Make a new preview for another run.',
  });
}
