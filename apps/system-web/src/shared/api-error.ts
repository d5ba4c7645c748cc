import { problemSchema, type Problem } from '@astro/contracts';
import { type ProblemText } from '@astro/web-ui';
import { adviceFor } from './problem-advice.js';

interface ApiErrorFacts {
  readonly title: string;
  /** HTTP status; absent when the server did not answer. */
  readonly status?: number | undefined;
  /** For programs, as in problem+json; `UNREACHABLE` is our own. */
  readonly code: string;
  /** Finds the request in the server's log; null when the server did not answer. */
  readonly requestId: string | null;
  /** Seconds after which it may be tried again. */
  readonly retryAfterS?: number | undefined;
  /** Which fields are wrong, as JSON pointers. */
  readonly errors?: Problem['errors'];
}

/** A request failed; title and message are for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly title: string;
  readonly status: number | undefined;
  readonly code: string;
  readonly requestId: string | null;
  readonly retryAfterS: number | undefined;
  readonly errors: NonNullable<Problem['errors']>;

  constructor(detail: string, facts: ApiErrorFacts) {
    super(detail);
    this.title = facts.title;
    this.status = facts.status;
    this.code = facts.code;
    this.requestId = facts.requestId;
    this.retryAfterS = facts.retryAfterS;
    this.errors = facts.errors ?? [];
  }
}

/** The error of an answer whose status is not 2xx. `body` is its JSON, or `undefined` when it has none. */
export function errorOfAnswer(response: Response, body: unknown): ApiError {
  const { status, headers } = response;
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN);
  const retryAfterS = Number.isFinite(retryAfter) ? retryAfter : undefined;
  const problem = problemSchema.safeParse(body);
  if (problem.success) {
    const { title, detail, code, requestId, errors } = problem.data;
    return new ApiError(detail, { title, status, code, requestId, retryAfterS, errors });
  }
  const facts = { title: 'The server answered with an error', status, code: `HTTP_${status}`, retryAfterS };
  return new ApiError('Try again; if it stays, tell an administrator.', {
    ...facts,
    requestId: headers.get('x-request-id'),
  });
}

/** Any error in words for `FailedState` and `ViewStates`; errors that are not ours show no inner detail. */
export function problemTextOf(error: unknown): ProblemText {
  if (!(error instanceof ApiError)) {
    return { title: 'Something went wrong', detail: 'Reload the page; if it stays, tell an administrator.' };
  }
  const { title, message, status, code, requestId } = error;
  return { title, detail: message, advice: adviceFor(code), requestId, status };
}

/** As `problemTextOf`, with `null` for no error: what `ViewStates` takes. */
export function problemOrNull(error: unknown): ProblemText | null {
  return error === null || error === undefined ? null : problemTextOf(error);
}
