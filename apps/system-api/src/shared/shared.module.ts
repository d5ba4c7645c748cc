import { Global, Module, type DynamicModule } from '@nestjs/common';
import { type ApiEnv, type Logger } from '@astro/runtime';
import { Connections } from './connections.js';

/** Injection token of the `Logger`. */
export const LOG = Symbol('log');

/** What every module may inject: the log and the databases. */
@Global()
@Module({})
export class SharedModule {
  static forEnv({ connections }: ApiEnv, log: Logger): DynamicModule {
    const providers = [
      { provide: LOG, useValue: log },
      { provide: Connections, useFactory: () => new Connections(connections, log) },
    ];
    return { module: SharedModule, providers, exports: [LOG, Connections] };
  }
}
