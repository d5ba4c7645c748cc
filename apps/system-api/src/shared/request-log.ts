import { randomUUID } from 'node:crypto';
import { type NextFunction, type Request, type Response } from 'express';
import { type Logger } from '@astro/runtime';

export const REQUEST_ID_HEADER = 'x-request-id';

/** Longer or stranger ids of callers are replaced, so that they cannot forge log lines. */
const ACCEPTED_ID = /^[\w.-]{1,64}$/;
/** Asked every few seconds by machines: logged at level debug. */
const ROUTINE_PATHS = /^\/(health\/|metrics$|api\/v1\/status$|assets\/)/;

/** What is known of a request when its answer is out. */
export interface RequestFacts {
  readonly method: string;
  /** The route's pattern, never the address itself: few different values. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** Gives every request an id, and one log line and one measurement when its answer is out or its caller is gone. */
export function requestLog(log: Logger, metrics: { observe(facts: RequestFacts): void }) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const startedAtMs = performance.now();
    const requestId = acceptedId(request.get(REQUEST_ID_HEADER));
    const { path, method } = request;
    response.locals['requestId'] = requestId;
    response.setHeader(REQUEST_ID_HEADER, requestId);
    response.once('close', () => {
      const durationMs = Math.round(performance.now() - startedAtMs);
      const status = response.statusCode;
      const isComplete = response.writableFinished;
      metrics.observe({ method, route: routeOf(request), status, durationMs });
      const level = ROUTINE_PATHS.test(path) && isComplete ? 'debug' : 'info';
      log[level](
        { event: 'http.request', requestId, method, path, status, durationMs, isComplete },
        `${method} ${path}`,
      );
    });
    next();
  };
}

/** The id that {@link requestLog} gave the request of this response. */
export function requestIdOf(response: Response): string {
  const id: unknown = response.locals['requestId'];
  return typeof id === 'string' ? id : 'unknown';
}

function acceptedId(given: string | undefined): string {
  return given !== undefined && ACCEPTED_ID.test(given) ? given : randomUUID();
}

function routeOf(request: Request): string {
  const route = request.route as { path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'other';
}
