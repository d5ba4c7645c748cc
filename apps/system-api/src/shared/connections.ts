import { type OnApplicationShutdown } from '@nestjs/common';
import { type Redis } from 'ioredis';
import { type Pool } from 'pg';
import { createPool, createRedis, postgresConfig, redisOptions, type ApiEnv, type Logger } from '@astro/runtime';

const APPLICATION_NAME = 'system-api';
const MAX_SYSTEM_CONNECTIONS = 10;
/** Whatever the API asks of SystemDB, an answer that takes longer helps nobody. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** Searches over tables that grow without end have connections of their own, so that slow ones stop only each other. */
const MAX_SEARCHES = 4;
const SEARCH_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 2_000;

/** One pool or client per database. They reconnect by themselves and are closed after the last request. */
export class Connections implements OnApplicationShutdown {
  readonly systemDb: Pool;
  /** SystemDB for searches: statements can only read, and end after 5 s; see {@link asTooSlow}. */
  readonly searches: Pool;
  readonly cacheDb: Redis;
  readonly jobQueue: Redis;

  constructor({ systemUrl, cacheUrl, queueUrl, link }: ApiEnv['connections'], log: Logger) {
    const system = postgresConfig(systemUrl, { ...link, applicationName: APPLICATION_NAME });
    const redis = { ...link, connectionName: APPLICATION_NAME, commandTimeoutMs: COMMAND_TIMEOUT_MS };
    this.systemDb = createPool(
      { ...system, max: MAX_SYSTEM_CONNECTIONS, statement_timeout: STATEMENT_TIMEOUT_MS },
      log,
    );
    const options = `${system.options ?? ''} -c default_transaction_read_only=on`;
    this.searches = createPool({ ...system, options, max: MAX_SEARCHES, statement_timeout: SEARCH_TIMEOUT_MS }, log);
    this.cacheDb = createRedis(redisOptions(cacheUrl, redis), log);
    this.jobQueue = createRedis(redisOptions(queueUrl, redis), log);
  }

  async onApplicationShutdown(): Promise<void> {
    this.cacheDb.disconnect();
    this.jobQueue.disconnect();
    await Promise.all([this.systemDb.end(), this.searches.end()]);
  }
}
