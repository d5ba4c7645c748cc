import { Global, Module, type DynamicModule } from '@nestjs/common';
import { type ApiEnv, type Logger } from '@astro/runtime';
import { Connections } from './connections.js';
import { IdempotencyStore } from './idempotency-store.js';

/** Injection token of the `Logger`. */
export const LOG = Symbol('log');
/** Injection token of the `ApiEnv`. */
export const API_ENV = Symbol('api-env');

/** What every module may inject: the log and the databases. */
@Global()
@Module({})
export class SharedModule {
  static forEnv(env: ApiEnv, log: Logger): DynamicModule {
    const providers = [
      { provide: LOG, useValue: log },
      { provide: API_ENV, useValue: env },
      { provide: Connections, useFactory: () => new Connections(env.connections, log) },
      IdempotencyStore,
    ];
    return { module: SharedModule, providers, exports: [LOG, API_ENV, Connections, IdempotencyStore] };
  }
}
