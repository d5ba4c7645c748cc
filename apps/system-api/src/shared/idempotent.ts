import {
  applyDecorators,
  Injectable,
  SetMetadata,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type Request, type Response } from 'express';
import { catchError, from, mergeMap, of, type Observable } from 'rxjs';
import { IDEMPOTENCY_KEY_HEADER } from '@astro/contracts';
import { type Identity } from '../auth/identity.js';
import { ApiProblem } from './api-problem.js';
import { IdempotencyStore, type KeyedRequest } from './idempotency-store.js';
import { type KeyedByCaller } from './request-origin.js';

const KEY = /^[\x21-\x7e]{1,200}$/;
const REPLAYED_HEADER = 'Idempotency-Replayed';

/** Reads again what a request has started; the answer is as the first time, with what has become of it since. */
export interface ReadsAgain {
  read(id: string, caller: Identity): Promise<unknown>;
}

/** Metadata key of the class that reads again, on the handler. */
const READER = 'idempotent-reader';

/** Answers a repeated request, known by its `Idempotency-Key`, with the first answer instead of doing it again. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor<unknown, unknown> {
  constructor(
    private readonly store: IdempotencyStore,
    private readonly modules: ModuleRef,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler<unknown>): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<KeyedByCaller>();
    const response = http.getResponse<Response>();
    const keyed = keyedRequest(request);
    const finish = async (body: unknown): Promise<unknown> => {
      await this.store.finish(keyed, { status: response.statusCode, body });
      return body;
    };
    const earlier = await this.store.claim(keyed);
    if (earlier) {
      response.setHeader(REPLAYED_HEADER, 'true');
      if (earlier.kind === 'done') return from(this.readAgain(context, earlier.doneId).then(finish));
      response.status(earlier.answer.status);
      return of(earlier.answer.body);
    }
    request.idempotencyKey = keyed;
    const release = async (error: unknown): Promise<never> => {
      await this.store.release(keyed);
      throw error;
    };
    return next.handle().pipe(
      catchError((error: unknown) => from(release(error))),
      mergeMap((body) => from(finish(body))),
    );
  }

  private async readAgain(context: ExecutionContext, id: string): Promise<unknown> {
    const reader = Reflect.getMetadata(READER, context.getHandler()) as Type<ReadsAgain>;
    const caller = context.switchToHttp().getRequest<Request>().user as Identity;
    return this.modules.get(reader, { strict: false }).read(id, caller);
  }
}

/**
 * The route needs an `Idempotency-Key` and does its work once per key: stands on POSTs that start work, after
 * `@Access`. Give `@ApiRoute` `idempotency: 'required'` too. The work must be an act of `AuditedActs` whose result is
 * the id of what it starts.
 * @param reader reads that again when the work was done but its answer was lost
 */
export function Idempotent(reader: Type<ReadsAgain>): MethodDecorator {
  return applyDecorators(SetMetadata(READER, reader), UseInterceptors(IdempotencyInterceptor));
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
