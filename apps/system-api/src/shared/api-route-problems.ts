import { ApiResponse } from '@nestjs/swagger';
import { PROBLEM_CONTENT_TYPE } from '@astro/contracts';
import { type ApiRouteSpec } from './api-route.js';

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The request is not valid; `errors` says where.',
  401: 'Not signed in, or the token or key is wrong, expired or revoked.',
  403: 'Signed in, but this needs another role or scope, or the password must be changed first.',
  404: 'There is no such thing.',
  409: 'The state does not permit it now, or the same Idempotency-Key is still at work.',
  412: 'What was confirmed is no longer true.',
  413: 'The body is too large.',
  415: 'The body is in an encoding or a character set that is not taken.',
  422: 'The same Idempotency-Key came with another body, the request makes no sense here, or a search takes too long.',
  429: 'Too many requests; `Retry-After` says when to try again.',
  500: 'Something went wrong on our side.',
  503: 'A database cannot be reached now, or the audit trail cannot be written, so nothing was done.',
};

/** The problems that a route can answer, as far as its shape says. */
export function problemResponses({ query, params, body, idempotency, problems = [] }: ApiRouteSpec): MethodDecorator[] {
  const statuses = new Set([401, 403, 429, 500, 503, ...problems]);
  if (query ?? params ?? body) statuses.add(400);
  if (body) statuses.add(413).add(415);
  if (params) statuses.add(404);
  if (idempotency) statuses.add(409).add(422);
  return [...statuses]
    .sort((a, b) => a - b)
    .map((status) => ApiResponse({ status, description: PROBLEMS[status] ?? 'A problem.', content: PROBLEM_CONTENT }));
}

const PROBLEM_CONTENT = { [PROBLEM_CONTENT_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } };
