import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';
import { tidyRuns } from '@astro/runs';
import type { Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { LEDGER_POOL } from '../engine/engine.module.js';
import { Every } from '../engine/every.js';

const INTERVAL_MS = 3_600_000;

/** Deletes old previews, and the details of runs that ended long ago. */
@Injectable()
export class RunRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly every: Every;

  constructor(
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(LOG) private readonly log: Logger,
  ) {
    this.every = new Every('run_retention', INTERVAL_MS, log);
  }

  onApplicationBootstrap(): void {
    this.every.start(() => this.tidy());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.every.stop();
  }

  private async tidy(): Promise<void> {
    const { previews, errors, chunks } = await tidyRuns(this.pool);
    if (previews + errors + chunks === 0) return;
    const said = `deleted ${previews} old previews, and ${errors} errors and ${chunks} chunks of runs that ended long ago`;
    this.log.info({ event: 'runs.tidied', previews, errors, chunks }, said);
  }
}
