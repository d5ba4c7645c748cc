import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { LEDGER_POOL } from '../engine/engine.module.js';
import { Every } from '../engine/every.js';

const INTERVAL_MS = 10_000;

/**
 * Notes every 10 s how much was captured and applied and how far each lane is behind, for charts, and keeps the indexes
 * up to date by which people search the ledger. Of several workers the first does it.
 */
@Injectable()
export class FlowSamples implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly every: Every;

  constructor(
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(LOG) log: Logger,
  ) {
    this.every = new Every('samples', INTERVAL_MS, log);
  }

  onApplicationBootstrap(): void {
    this.every.startLater(() => this.sample());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.every.stop();
  }

  private async sample(): Promise<void> {
    await this.pool.query('SELECT sync.sample_flow()');
    await this.pool.query('SELECT sync.summarize_ledger()');
  }
}
