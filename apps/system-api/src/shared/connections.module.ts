import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { type Redis } from 'ioredis';
import { type Pool } from 'pg';
import { createPool, createRedis, postgresConfig, redisOptions, type ApiEnv, type Logger } from '@astro/runtime';

/** Injection tokens of what every module may need. */
export const LOG = Symbol('log');
export const SYSTEM_DB = Symbol('SystemDB');
export const CACHE_DB = Symbol('CacheDB');
export const JOB_QUEUE = Symbol('job queue');

const APPLICATION_NAME = 'system-api';
const MAX_SYSTEM_CONNECTIONS = 10;
const COMMAND_TIMEOUT_MS = 2_000;

/** One pool and one client per database; they connect when first needed and are closed after the last request. */
@Global()
@Module({})
export class ConnectionsModule implements OnApplicationShutdown {
  constructor(
    @Inject(SYSTEM_DB) private readonly systemDb: Pool,
    @Inject(CACHE_DB) private readonly cacheDb: Redis,
    @Inject(JOB_QUEUE) private readonly jobQueue: Redis,
  ) {}

  static forEnv({ connections }: ApiEnv, log: Logger): DynamicModule {
    const { systemUrl, cacheUrl, queueUrl, link } = connections;
    const redis = (url: string): Redis =>
      createRedis(
        redisOptions(url, { ...link, connectionName: APPLICATION_NAME, commandTimeoutMs: COMMAND_TIMEOUT_MS }),
        log,
      );
    const systemDb = (): Pool =>
      createPool(
        { ...postgresConfig(systemUrl, { ...link, applicationName: APPLICATION_NAME }), max: MAX_SYSTEM_CONNECTIONS },
        log,
      );
    const providers = [
      { provide: LOG, useValue: log },
      { provide: SYSTEM_DB, useFactory: systemDb },
      { provide: CACHE_DB, useFactory: () => redis(cacheUrl) },
      { provide: JOB_QUEUE, useFactory: () => redis(queueUrl) },
    ];
    return { module: ConnectionsModule, providers, exports: providers.map(({ provide }) => provide) };
  }

  async onApplicationShutdown(): Promise<void> {
    this.cacheDb.disconnect();
    this.jobQueue.disconnect();
    await this.systemDb.end();
  }
}
