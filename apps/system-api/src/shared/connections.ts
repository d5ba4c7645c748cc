import { type OnApplicationShutdown } from '@nestjs/common';
import { type Redis } from 'ioredis';
import { type Pool } from 'pg';
import { createPool, createRedis, postgresConfig, redisOptions, type ApiEnv, type Logger } from '@astro/runtime';

const APPLICATION_NAME = 'system-api';
const MAX_SYSTEM_CONNECTIONS = 10;
const COMMAND_TIMEOUT_MS = 2_000;

/** One pool or client per database. They reconnect by themselves and are closed after the last request. */
export class Connections implements OnApplicationShutdown {
  readonly systemDb: Pool;
  readonly cacheDb: Redis;
  readonly jobQueue: Redis;

  constructor({ systemUrl, cacheUrl, queueUrl, link }: ApiEnv['connections'], log: Logger) {
    const system = postgresConfig(systemUrl, { ...link, applicationName: APPLICATION_NAME });
    const redis = { ...link, connectionName: APPLICATION_NAME, commandTimeoutMs: COMMAND_TIMEOUT_MS };
    this.systemDb = createPool({ ...system, max: MAX_SYSTEM_CONNECTIONS }, log);
    this.cacheDb = createRedis(redisOptions(cacheUrl, redis), log);
    this.jobQueue = createRedis(redisOptions(queueUrl, redis), log);
  }

  async onApplicationShutdown(): Promise<void> {
    this.cacheDb.disconnect();
    this.jobQueue.disconnect();
    await this.systemDb.end();
  }
}
