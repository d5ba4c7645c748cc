import { idSchema, type Run, type RunSummary } from '@astro/contracts';
import { readRun, type RunInTheWay } from '@astro/runs';
import { type Pool, type PoolClient } from 'pg';
import { type Identity } from '../auth/identity.js';
import { ApiProblem } from '../shared/api-problem.js';
import { permitted } from './caller-rights.js';

const MAX_ID = '9223372036854775807';

/** An id that also fits the column. */
export const runIdSchema = idSchema.refine((id) => id.length < MAX_ID.length || id <= MAX_ID, 'must be an id');

export function forCaller<T extends RunSummary>(run: T, caller: Identity): T {
  return { ...run, allowed: permitted(run.allowed, caller) };
}

/** @throws {ApiProblem} 404 */
export async function runFor(db: Pool | PoolClient, id: string, caller: Identity): Promise<Run> {
  const run = await readRun(db, id);
  if (!run) throw noRun(id);
  return { ...forCaller(run.summary, caller), items: [...run.items], asOf: run.asOf };
}

export function noRun(id: string): ApiProblem {
  return new ApiProblem(404, { code: 'NO_SUCH_RUN', detail: `There is no run ${id}.` });
}

/** Names the run that stands in the way of each data set. */
export function busyProblem(inTheWay: readonly RunInTheWay[]): ApiProblem {
  const first = inTheWay[0];
  const detail = first
    ? `"${first.dataSet}" already has run ${first.runId} (${first.mode}, ${first.state}, by ${first.initiator.name}). ` +
      'Wait for it, cancel it, leave the data set out, or send whenBusy: "queue".'
    : 'A data set already has a run.';
  const errors = inTheWay.map(({ dataSet, runId, state, initiator }) => ({
    pointer: '/datasets',
    detail: `"${dataSet}" has run ${runId} (${state}, by ${initiator.name}).`,
  }));
  return new ApiProblem(409, { code: 'DATA_SET_BUSY', detail, errors });
}
