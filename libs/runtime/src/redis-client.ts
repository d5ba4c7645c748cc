import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from './logger.js';

/** Connects at once and reconnects by itself; connection errors are logged once per outage, not once per try. */
export function createRedis(options: RedisOptions, log: Logger): Redis {
  const redis = new Redis(options);
  let lastProblem = '';
  redis.on('error', (error: Error) => {
    if (error.message === lastProblem) return;
    lastProblem = error.message;
    log.warn({ event: 'redis.connection_error', connection: options.connectionName, error }, error.message);
  });
  redis.on('ready', () => (lastProblem = ''));
  return redis;
}
