import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { PROBLEM_CONTENT_TYPE, type Problem } from '@astro/contracts';
import { type Logger } from '@astro/runtime';
import { ApiProblem } from './api-problem.js';
import { problemOf } from './problem.js';
import { requestIdOf } from './request-log.js';

/** Answers every error as `application/problem+json` and logs those that are our fault, with their request id. */
@Catch()
export class ProblemFilter implements ExceptionFilter<unknown> {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const requestId = requestIdOf(response);
    const facts = problemOf(error);
    if (facts.status >= 500) this.log.error({ event: 'http.failed', requestId, error }, 'request failed');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error instanceof ApiProblem && error.retryAfterS !== undefined) {
      response.setHeader('Retry-After', error.retryAfterS);
    }
    const problem: Problem = { type: 'about:blank', ...facts, instance: request.path, requestId };
    response.status(facts.status).type(PROBLEM_CONTENT_TYPE).setHeader('Cache-Control', 'no-store').json(problem);
  }
}
