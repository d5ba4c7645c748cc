import pg from 'pg';
import type { Logger } from './logger.js';

/**
 * A pool that survives lost connections: an error of an idle or a checked-out client is logged instead of ending
 * the process. The query that was running still rejects.
 */
export function createPool(config: pg.PoolConfig, log: Logger): pg.Pool {
  const pool = new pg.Pool(config);
  const onLost = (error: Error): void => log.warn({ event: 'postgres.connection_lost', error }, error.message);
  pool.on('error', onLost);
  // The pool takes its own listener off a client while that is checked out.
  pool.on('connect', (client) => client.on('error', onLost));
  return pool;
}
