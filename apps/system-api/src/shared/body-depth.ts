import { type NextFunction, type Request, type Response } from 'express';
import { ApiProblem } from './api-problem.js';

/** Far deeper than anything that a route takes. */
const MAX_DEPTH = 32;

/**
 * Refuses bodies that are nested without end, on which whoever walks a body by recursion would run out of stack.
 * Stands behind the JSON parser, before everything that looks at a body.
 */
export function limitBodyDepth(request: Request, _response: Response, next: NextFunction): void {
  if (isWithin(request.body, MAX_DEPTH)) return next();
  next(
    new ApiProblem(400, {
      code: 'INVALID_REQUEST',
      detail: `The body is not valid: it is nested more than ${MAX_DEPTH} levels deep.`,
    }),
  );
}

/** Level by level, not by recursion: a body of 100 kB may be nested 50 000 deep. */
function isWithin(body: unknown, levels: number): boolean {
  let level = [body];
  for (let depth = 0; depth <= levels; depth++) {
    level = level.flatMap((value): unknown[] => (typeof value === 'object' && value ? Object.values(value) : []));
    if (level.length === 0) return true;
  }
  return false;
}
