import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { LaneJournalWriter, RecentChanges } from '@astro/ledger';
import { createPool, createRedis, redisOptions, type Logger } from '@astro/runtime';
import { LOG, WORKER_CONFIG, type WorkerConfig } from '../config.js';
import type { Prepared } from './prepare.js';
import { LaneSignals } from './lane-signals.js';

/** Injection tokens of what the roles share. */
export const PREPARED = Symbol('prepared');
export const LEDGER_POOL = Symbol('ledger pool');
export const CACHE = Symbol('CacheDB');

const LEDGER_CONNECTIONS = 10;

/** The parts that every role rests on: the checked catalogue, connections, the signals between capture and lanes. */
@Global()
@Module({})
export class EngineModule implements OnApplicationShutdown {
  constructor(
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(CACHE) private readonly cache: Redis,
    private readonly journal: LaneJournalWriter,
  ) {}

  static forWorker(): DynamicModule {
    const providers = [
      {
        provide: LEDGER_POOL,
        useFactory: ({ system }: Prepared, log: Logger) => createPool({ ...system, max: LEDGER_CONNECTIONS }, log),
        inject: [PREPARED, LOG],
      },
      {
        provide: CACHE,
        useFactory: ({ connections }: WorkerConfig, log: Logger) => {
          const options = { ...connections.link, connectionName: 'sync-worker', commandTimeoutMs: 30_000 };
          return createRedis(redisOptions(connections.cacheUrl, options), log);
        },
        inject: [WORKER_CONFIG, LOG],
      },
      {
        provide: LaneJournalWriter,
        useFactory: (pool: Pool, log: Logger) =>
          new LaneJournalWriter(pool, (error) =>
            log.warn({ event: 'journal.not_written', err: error }, 'positions are mirrored later'),
          ),
        inject: [LEDGER_POOL, LOG],
      },
      RecentChanges,
      LaneSignals,
    ];
    return { module: EngineModule, providers, exports: providers };
  }

  /** Last of all: the roles have stopped by now. */
  async onApplicationShutdown(): Promise<void> {
    await this.journal.close();
    await this.pool.end();
    this.cache.disconnect();
  }
}
