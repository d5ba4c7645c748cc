import { Redis } from 'ioredis';
import pg from 'pg';
import { postgresConfig, redisOptions } from '@astro/runtime';
import type { ProductFacts } from './product.js';

type Row = Readonly<Record<string, unknown>>;

/** The databases of the running product, for what other programs would do there. */
export class Databases {
  private constructor(
    private readonly source: pg.Client,
    private readonly target: pg.Client,
    readonly cache: Redis,
  ) {}

  static async connect({ operationsUrl, systemUrl, cacheUrl, caFile }: ProductFacts): Promise<Databases> {
    const [source, target] = [operationsUrl, systemUrl].map(
      (url) => new pg.Client(postgresConfig(url, { applicationName: 'web-e2e' })),
    ) as [pg.Client, pg.Client];
    await Promise.all([source.connect(), target.connect()]);
    return new Databases(source, target, new Redis(redisOptions(cacheUrl, { caFile, connectionName: 'web-e2e' })));
  }

  /** In OperationsDB. */
  async operations(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.source.query<Row>(sql, [...values])).rows;
  }

  /** In SystemDB. */
  async system(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.target.query<Row>(sql, [...values])).rows;
  }

  async close(): Promise<void> {
    this.cache.disconnect();
    await Promise.all([this.source.end(), this.target.end()]);
  }
}
