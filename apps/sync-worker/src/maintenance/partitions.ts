import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Logger } from '@astro/runtime';
import { LOG, WORKER_CONFIG, type WorkerConfig } from '../config.js';
import { LEDGER_POOL } from '../engine/engine.module.js';
import { Every } from '../engine/every.js';

const INTERVAL_MS = 3_600_000;
const DAYS_AHEAD = 3;

/** Makes the ledger's partitions of the coming days and drops those past the retention that every lane has passed. */
@Injectable()
export class Partitions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly every: Every;

  constructor(
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(WORKER_CONFIG) private readonly config: WorkerConfig,
    @Inject(LOG) private readonly log: Logger,
  ) {
    this.every = new Every('partitions', INTERVAL_MS, log);
  }

  onApplicationBootstrap(): void {
    this.every.start(() => this.keep());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.every.stop();
  }

  private async keep(): Promise<void> {
    const { rows } = await this.pool.query<{ dropped: number }>('SELECT sync.keep_partitions($1, $2) AS dropped', [
      DAYS_AHEAD,
      this.config.retentionDays,
    ]);
    const dropped = rows[0]?.dropped ?? 0;
    if (dropped > 0) this.log.info({ event: 'partitions.dropped', dropped }, `dropped ${dropped} old partitions`);
  }
}
