import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';
import { RUNS_CHANNEL } from '@astro/runs';
import type { Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { LEDGER_POOL, PREPARED } from '../engine/engine.module.js';
import { ChannelListener } from '../engine/channel-listener.js';
import { Every } from '../engine/every.js';
import { LaneSignals } from '../engine/lane-signals.js';
import type { Prepared } from '../engine/prepare.js';

const INTERVAL_MS = 1000;
/** A lane that leaves its item alone for this many looks gets a job of its own: the one it has may be lost. */
const STUCK_LOOKS = 3;

/** Wakes the lanes of data sets that have a run which nobody works on: new, resumed, cancelled, or its worker is gone. */
@Injectable()
export class RunSignals implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly every: Every;
  private readonly listener: ChannelListener;
  private readonly looks = new Map<string, number>();
  private round = Date.now();

  constructor(
    @Inject(PREPARED) prepared: Prepared,
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(LOG) log: Logger,
    private readonly signals: LaneSignals,
  ) {
    this.every = new Every('run_signals', INTERVAL_MS, log);
    const onNotified = () => void this.signal().catch(() => undefined); // the next look finds it
    this.listener = new ChannelListener(prepared.system, { channel: RUNS_CHANNEL, log, onNotified });
  }

  onApplicationBootstrap(): void {
    this.listener.start();
    this.every.start(() => this.sweep());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.every.stop();
    await this.listener.stop();
  }

  private async signal(): Promise<void> {
    for (const lane of await this.waiting()) this.signals.changed(lane);
  }

  private async sweep(): Promise<void> {
    const waiting = await this.waiting();
    this.round++;
    for (const lane of waiting) {
      const looks = (this.looks.get(lane) ?? 0) + 1;
      this.looks.set(lane, looks);
      if (looks % STUCK_LOOKS === 0) this.signals.stuck(lane, this.round);
      else this.signals.changed(lane);
    }
    for (const lane of this.looks.keys()) if (!waiting.includes(lane)) this.looks.delete(lane);
  }

  private async waiting(): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ name: string }>(WAITING_LANES);
    return rows.map(({ name }) => name);
  }
}

const WAITING_LANES = `
SELECT DISTINCT l.name FROM sync.run_items i JOIN sync.runs r ON r.id = i.run_id
JOIN sync.ledger_lanes l ON l.data_set = i.data_set AND l.active
WHERE i.state = 'waiting' AND r.state IN ('planning', 'queued', 'running', 'verifying', 'cancelling')
  OR i.state = 'paused' AND r.state IN ('running', 'verifying', 'cancelling')
  OR i.state = 'running' AND i.lease_until < clock_timestamp()`;
