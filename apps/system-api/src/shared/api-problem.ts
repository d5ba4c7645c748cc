import { HttpException } from '@nestjs/common';

export interface ProblemOptions {
  /** For programs: stays the same when the wording changes. Upper case, such as `LAST_ADMIN`. */
  readonly code: string;
  /** For people: what, where, how to fix. Never a secret, never a message of a database. */
  readonly detail: string;
  /** Which parts of the request are wrong, as JSON pointers. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** Seconds after which the caller may try again; sent as `Retry-After`. */
  readonly retryAfterS?: number;
  readonly cause?: unknown;
}

/** An error whose words are meant for the caller, with a code of its own. Answered as `application/problem+json`. */
export class ApiProblem extends HttpException {
  readonly code: string;
  readonly errors: ProblemOptions['errors'];
  readonly retryAfterS: number | undefined;

  /** @param status of HTTP, 400 to 599 */
  constructor(status: number, { code, detail, errors, retryAfterS, cause }: ProblemOptions) {
    super(detail, status, { cause });
    this.code = code;
    this.errors = errors;
    this.retryAfterS = retryAfterS;
  }
}
