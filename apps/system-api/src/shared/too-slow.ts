import { ApiProblem } from './api-problem.js';

/** SQLSTATE of a statement that took too long. */
const CANCELLED = '57014';

/**
 * For what a search rejects with: `await search().catch(asTooSlow)`.
 * @throws {ApiProblem} 422 when the search took too long, else the error itself
 */
export function asTooSlow(error: unknown): never {
  if ((error as { code?: unknown } | null)?.code !== CANCELLED) throw error;
  throw new ApiProblem(422, {
    code: 'SEARCH_TOO_SLOW',
    detail: 'This search takes too long. Narrow the time with from and to, or add another filter.',
    cause: error,
  });
}
