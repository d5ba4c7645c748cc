import {
  createParamDecorator,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { type Response } from 'express';
import { tap, type Observable } from 'rxjs';
import { type KnownRequest } from '../auth/access.decorators.js';
import { type Identity } from '../auth/identity.js';
import { originOf, type RequestOrigin } from '../shared/request-origin.js';

/** Who asks for something, and from where. */
export interface Asking {
  readonly caller: Identity;
  readonly origin: RequestOrigin;
}

/** Hands the handler the {@link Asking} of its request; only on routes with `@Access`. */
export const By = createParamDecorator((_data: unknown, context: ExecutionContext): Asking => {
  const http = context.switchToHttp();
  const request = http.getRequest<KnownRequest>();
  if (!request.user) throw new Error('@By() stands on a route that is open to everybody');
  return { caller: request.user, origin: originOf(request, http.getResponse<Response>()) };
});

/**
 * Tells in `Location` where the thing is that the answer shows, also when the answer is a repeated one. Stands below
 * everything else: the lowest is the last to see the answer.
 */
export function Located(collection: string): MethodDecorator {
  const interceptor: NestInterceptor<{ readonly id: string }, unknown> = {
    intercept(context: ExecutionContext, next: CallHandler<{ readonly id: string }>): Observable<unknown> {
      const response = context.switchToHttp().getResponse<Response>();
      return next.handle().pipe(tap(({ id }) => response.setHeader('Location', `${collection}/${id}`)));
    },
  };
  return UseInterceptors(interceptor);
}
