import { problemSchema } from '@astro/contracts';
import { type z } from 'zod';

const TIMEOUT_MS = 8_000;

/** A request failed; title and detail are for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly title: string,
    detail: string,
    /** Finds the request in the server's log; null when the server did not answer. */
    readonly requestId: string | null,
  ) {
    super(detail);
  }
}

export interface GetOptions<S extends z.ZodType> {
  readonly schema: S;
  readonly signal: AbortSignal;
}

/**
 * Reads JSON that has the shape of `schema`. Waits at most 8 s.
 * @throws {ApiError} also when the answer has another shape
 */
export async function getJson<S extends z.ZodType>(
  path: string,
  { schema, signal }: GetOptions<S>,
): Promise<z.output<S>> {
  const response = await request(path, signal);
  const requestId = response.headers.get('x-request-id');
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw problemOf(body, requestId);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ApiError('The answer was not understood', 'This page may be older than the server; reload it.', requestId);
}

async function request(path: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(path, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
  } catch (error) {
    signal.throwIfAborted();
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    const detail = isLate
      ? `It did not answer within ${TIMEOUT_MS / 1000} s.`
      : 'Check that system-api runs and that you are online.';
    throw new ApiError('The server cannot be reached', detail, null);
  }
}

function problemOf(body: unknown, requestId: string | null): ApiError {
  const problem = problemSchema.safeParse(body);
  if (problem.success) return new ApiError(problem.data.title, problem.data.detail, problem.data.requestId);
  return new ApiError('The server answered with an error', 'Try again; if it stays, tell an administrator.', requestId);
}
