import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { type Initiator } from '@astro/contracts';
import { type Identity } from '../auth/identity.js';
import { type IdempotencyKey } from './idempotency-store.js';
import { requestIdOf } from './request-log.js';

export const CORRELATION_ID_HEADER = 'x-correlation-id';
const ACCEPTED_CORRELATION_ID = /^[\w.:/-]{1,128}$/;
const MAX_USER_AGENT = 300;

/** Who asks and from where, as the audit trail keeps it. */
export interface RequestOrigin {
  readonly initiator: Initiator;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  /** What the caller sent as `X-Correlation-Id`, so that one story can be followed across services. */
  readonly correlationId: string | null;
  /** What the act is bound to, so that a repeat of its request does not do it again; null: nothing. */
  readonly idempotencyKey: IdempotencyKey | null;
}

/** The request of a route with `@Idempotent`, once its key is taken. */
export interface KeyedByCaller extends Request {
  idempotencyKey?: IdempotencyKey;
}

/** Hands the handler the {@link RequestOrigin} of its request. */
export const Origin = createParamDecorator((_data: unknown, context: ExecutionContext): RequestOrigin => {
  const http = context.switchToHttp();
  return originOf(http.getRequest<Request>(), http.getResponse<Response>());
});

export function originOf(request: Request, response: Response): RequestOrigin {
  const correlationId = request.get(CORRELATION_ID_HEADER) ?? '';
  return {
    initiator: initiatorOf(request.user as Identity | undefined),
    address: request.ip ?? null,
    userAgent: request.get('user-agent')?.slice(0, MAX_USER_AGENT) ?? null,
    requestId: requestIdOf(response),
    correlationId: ACCEPTED_CORRELATION_ID.test(correlationId) ? correlationId : null,
    idempotencyKey: (request as KeyedByCaller).idempotencyKey ?? null,
  };
}

export function initiatorOf(identity: Identity | undefined): Initiator {
  if (!identity) return { kind: 'anonymous', id: null, name: 'somebody not signed in' };
  return { kind: identity.kind, id: identity.id, name: identity.email ?? identity.name };
}
