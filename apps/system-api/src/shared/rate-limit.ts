import { createHash } from 'node:crypto';
import { Injectable, type DynamicModule, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard, ThrottlerModule, type ThrottlerLimitDetail } from '@nestjs/throttler';
import { type Request } from 'express';
import { API_KEY_HEADER } from '@astro/contracts';
import { ApiProblem } from './api-problem.js';
import { hasCredentials } from './credentials.js';
import { sourceOf } from './source-of.js';

const MINUTE_MS = 60_000;
/** One address may stand for many people behind it. */
const CREDENTIALS_PER_SOURCE = 5;
/** Asked by machines that must not be turned away. With a credential they tell more, so there it could be guessed. */
const FREE_PATHS = new Set(['/health/live', '/health/ready']);

/**
 * Limits requests per minute, over all routes: per credential, and per address so that changing the credential does
 * not help. Counted in the memory of each server, so that a limit costs no query and holds while databases are away;
 * with n servers a caller may get n times as much. Sign-in has its own, stricter counters in SystemDB.
 */
export function rateLimits(requestsPerMinute: number): DynamicModule {
  return ThrottlerModule.forRoot({
    throttlers: [
      { name: 'credential', ttl: MINUTE_MS, limit: requestsPerMinute, getTracker: credentialOf },
      {
        name: 'source',
        ttl: MINUTE_MS,
        limit: requestsPerMinute * CREDENTIALS_PER_SOURCE,
        getTracker: sourceOfRequest,
      },
    ],
    generateKey: (_context, tracker, name) => `${name}:${tracker}`,
    setHeaders: false,
  });
}

@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  protected override async shouldSkip(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    return FREE_PATHS.has(request.path) && !hasCredentials(request);
  }

  protected override async throwThrottlingException(
    _context: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    throw new ApiProblem(429, {
      code: 'TOO_MANY_REQUESTS',
      detail: `Too many requests. Wait ${timeToBlockExpire} s.`,
      retryAfterS: timeToBlockExpire,
    });
  }
}

function sourceOfRequest(request: Record<string, unknown>): string {
  return sourceOf((request as unknown as Request).ip);
}

/** Hashed, so that no credential stands in the counters. */
function credentialOf(request: Record<string, unknown>): string {
  const { headers } = request as unknown as Request;
  const credential = headers.authorization ?? headers[API_KEY_HEADER];
  if (typeof credential !== 'string') return sourceOfRequest(request);
  return createHash('sha256').update(credential).digest('base64url');
}
