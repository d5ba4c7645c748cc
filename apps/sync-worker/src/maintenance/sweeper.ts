import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { LEDGER_POOL, PREPARED } from '../engine/engine.module.js';
import { LaneSignals } from '../engine/lane-signals.js';
import type { Prepared } from '../engine/prepare.js';
import { LedgerListener } from '../engine/ledger-listener.js';
import { Every } from '../engine/every.js';

const INTERVAL_MS = 1000;
/** A lane that has work and stood still for this many looks gets a job of its own. */
const STUCK_LOOKS = 3;

interface PendingLane {
  readonly name: string;
  readonly position: string;
}

/**
 * Signals every lane that has something to do: at once when the ledger grows, and once a second whatever was lost.
 * The ledger is the truth; the queue only carries the word (W35, W36, P10).
 */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly every: Every;
  private readonly listener: LedgerListener;
  private readonly seen = new Map<string, { position: string; looks: number }>();
  private round = Date.now();

  constructor(
    @Inject(PREPARED) private readonly prepared: Prepared,
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(LOG) log: Logger,
    private readonly signals: LaneSignals,
  ) {
    this.every = new Every('sweeper', INTERVAL_MS, log);
    const realtime = prepared.source.lanes.filter(({ name }) =>
      prepared.catalogue.dataSets.some((dataSet) => dataSet.name === name && dataSet.mode === 'realtime'),
    );
    this.listener = new LedgerListener(prepared.system, log, (tableIds) => {
      for (const lane of realtime) {
        if (lane.tables.some((table) => tableIds.includes(table.id))) this.signals.changed(lane.name);
      }
    });
  }

  onApplicationBootstrap(): void {
    this.listener.start();
    this.every.start(() => this.sweep());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.every.stop();
    await this.listener.stop();
  }

  private async sweep(): Promise<void> {
    const { rows } = await this.pool.query<PendingLane>(PENDING_LANES, [this.prepared.source.id]);
    this.round++;
    for (const { name, position } of rows) {
      const before = this.seen.get(name);
      const looks = before?.position === position ? before.looks + 1 : 1;
      this.seen.set(name, { position, looks });
      if (looks % STUCK_LOOKS === 0) this.signals.stuck(name, this.round);
      else this.signals.changed(name);
    }
    const pending = new Set(rows.map((row) => row.name));
    for (const name of this.seen.keys()) if (!pending.has(name)) this.seen.delete(name);
  }
}

/** A scheduled lane waits for its time, unless a copy of it is due. */
const PENDING_LANES = `
SELECT l.name, coalesce(l.position_lsn, '0/0') || '/' || coalesce(l.position_seq, -1) || coalesce(k.last::text, '') AS position
FROM sync.ledger_lanes l
LEFT JOIN LATERAL (SELECT max(id) AS last FROM sync.copy_chunks c WHERE c.lane_id = l.id) k ON l.state = 'copying'
WHERE l.source_id = $1 AND l.active AND (
  l.copy_requested OR l.state = 'copying'
  OR l.state = 'streaming' AND l.job_type = 'realtime' AND (
    EXISTS (SELECT FROM sync.lane_failures f WHERE f.lane_id = l.id AND f.status = 'failed')
    OR EXISTS (
      SELECT FROM sync.lane_tables m CROSS JOIN LATERAL (
        SELECT 1 FROM sync.ledger_changes c
        WHERE c.table_id = m.table_id
          AND (c.commit_lsn, c.seq) > (coalesce(l.position_lsn, '0/0'), coalesce(l.position_seq, -1))
        LIMIT 1) pending
      WHERE m.lane_id = l.id)))`;
