import {
  applyDecorators,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { type Request, type Response } from 'express';
import { catchError, from, mergeMap, of, type Observable } from 'rxjs';
import { IDEMPOTENCY_KEY_HEADER } from '@astro/contracts';
import { type Identity } from '../auth/identity.js';
import { ApiProblem } from './api-problem.js';
import { IdempotencyStore, type KeyedRequest } from './idempotency-store.js';

const KEY = /^[\x21-\x7e]{1,200}$/;
const REPLAYED_HEADER = 'Idempotency-Replayed';

/** Answers a repeated request, known by its `Idempotency-Key`, with the first answer instead of doing it again. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor<unknown, unknown> {
  constructor(private readonly store: IdempotencyStore) {}

  async intercept(context: ExecutionContext, next: CallHandler<unknown>): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const response = http.getResponse<Response>();
    const keyed = keyedRequest(http.getRequest<Request>());
    const before = await this.store.claim(keyed);
    if (before) {
      response.status(before.status).setHeader(REPLAYED_HEADER, 'true');
      return of(before.body);
    }
    const finish = async (body: unknown): Promise<unknown> => {
      await this.store.finish(keyed, { status: response.statusCode, body });
      return body;
    };
    const release = async (error: unknown): Promise<never> => {
      await this.store.release(keyed);
      throw error;
    };
    return next.handle().pipe(
      catchError((error: unknown) => from(release(error))),
      mergeMap((body) => from(finish(body))),
    );
  }
}

/**
 * The route needs an `Idempotency-Key` and does its work once per key: stands on POSTs that start work, after
 * `@Access`. Give `@ApiRoute` `idempotency: 'required'` too.
 */
export function Idempotent(): MethodDecorator {
  return applyDecorators(UseInterceptors(IdempotencyInterceptor));
}

function keyedRequest(request: Request): KeyedRequest {
  const key = request.get(IDEMPOTENCY_KEY_HEADER) ?? '';
  if (!KEY.test(key)) {
    throw new ApiProblem(400, {
      code: 'IDEMPOTENCY_KEY_MISSING',
      detail:
        'Send the header Idempotency-Key with a value of your own, at most 200 visible characters, new for every act.',
    });
  }
  const { kind, id } = request.user as Identity;
  return {
    caller: `${kind}:${id}`,
    key,
    operation: `${request.method} ${request.path}`,
    body: request.body as unknown,
  };
}
