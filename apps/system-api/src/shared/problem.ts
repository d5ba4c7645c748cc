import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { type Problem } from '@astro/contracts';
import { isTransientPostgresError, isTransientRedisError } from '@astro/runtime';
import { ApiProblem } from './api-problem.js';

export type ProblemFacts = Pick<Problem, 'status' | 'title' | 'detail' | 'code' | 'errors'>;

const INVALID = 400;
const INTERNAL = 500;
const UNAVAILABLE = 503;
const INTERNAL_DETAIL = 'Something went wrong on our side. Try again; if it stays, report the request id.';
const UNAVAILABLE_DETAIL = 'A database does not answer just now. Try again in a moment.';

const UNSTORABLE_DETAIL = 'A text holds a character that cannot be stored, such as NUL (U+0000). Take it out.';
/** SQLSTATEs for a text, and for an escape in JSON, that PostgreSQL cannot hold: only the caller can have sent it. */
const UNSTORABLE_STATES: ReadonlySet<unknown> = new Set(['22021', '22P05']);

/** Where the framework's own words would not help the caller. */
const DETAILS: Readonly<Record<number, string>> = {
  404: 'There is nothing at this address.',
  413: 'The body is too large.',
  429: 'Too many requests. Wait a moment.',
};

/**
 * What may be told about an error: an `ApiProblem` says it all itself; the words of another `HttpException` below 500
 * were meant for the caller (the framework turns what is wrong with a body or an address into one), everything else
 * stays in the log.
 */
export function problemOf(error: unknown): ProblemFacts {
  if (error instanceof ApiProblem) return ownFacts(error);
  if (!(error instanceof HttpException)) {
    if (isUnstorableText(error)) return { ...facts(INVALID, UNSTORABLE_DETAIL), code: 'INVALID_REQUEST' };
    const isAway = isTransientPostgresError(error) || isTransientRedisError(error);
    return isAway ? facts(UNAVAILABLE, UNAVAILABLE_DETAIL) : facts(INTERNAL, INTERNAL_DETAIL);
  }
  const status = error.getStatus();
  return facts(status, status < INTERNAL ? (DETAILS[status] ?? error.message) : INTERNAL_DETAIL);
}

function isUnstorableText(error: unknown): boolean {
  return error instanceof Error && UNSTORABLE_STATES.has((error as { code?: unknown }).code);
}

function ownFacts(error: ApiProblem): ProblemFacts {
  const { code, message, errors } = error;
  return { ...facts(error.getStatus(), message), code, ...(errors && { errors: [...errors] }) };
}

function facts(status: number, detail: string): ProblemFacts {
  const title = STATUS_CODES[status] ?? 'Error';
  const code = title.toUpperCase().replace(/[^A-Z]+/g, '_');
  return { status, title, detail, code };
}
