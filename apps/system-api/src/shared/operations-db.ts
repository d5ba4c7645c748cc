import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Pool, type PoolClient } from 'pg';
import { createPool, postgresConfig, type ApiEnv, type Logger } from '@astro/runtime';
import { API_ENV, LOG } from './shared.module.js';

const MAX_CONNECTIONS = 3;
/** OperationsDB belongs to others: a look must never become a load. */
const STATEMENT_TIMEOUT_MS = 2000;
const CONNECT_TIMEOUT_MS = 2000;

/** OperationsDB as the API sees it: a role that may only read. Absent where no address was given. */
@Injectable()
export class OperationsDb implements OnApplicationShutdown {
  private readonly pool: Pool | null;

  constructor(@Inject(API_ENV) { connections }: ApiEnv, @Inject(LOG) log: Logger) {
    const { operationsReadUrl: url, link } = connections;
    const options = url === null ? null : postgresConfig(url, { ...link, applicationName: 'system-api' });
    this.pool =
      options && createPool({ ...options, max: MAX_CONNECTIONS, connectionTimeoutMillis: CONNECT_TIMEOUT_MS }, log);
  }

  get isConfigured(): boolean {
    return this.pool !== null;
  }

  /**
   * One look, in a transaction that can only read and whose statements end after 2 s.
   * @returns null when no address was given
   */
  async read<T>(look: (client: PoolClient) => Promise<T>): Promise<T | null> {
    if (!this.pool) return null;
    const client = await this.pool.connect();
    let isBroken = true;
    try {
      await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
      const found = await look(client);
      await client.query('COMMIT');
      isBroken = false;
      return found;
    } finally {
      client.release(isBroken);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool?.end();
  }
}
