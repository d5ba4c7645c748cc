import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Logger } from '@astro/runtime';
import { LOG } from '../config.js';
import { LEDGER_POOL, PREPARED } from '../engine/engine.module.js';
import type { Prepared } from '../engine/prepare.js';
import { HealthRegistry } from '../health/health-registry.js';
import { Every } from '../engine/every.js';

const INTERVAL_MS = 5000;

interface LaneRow {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly failures: string;
  readonly pending_since_s: number | null;
  readonly idle_s: number | null;
}

/** Of a data set's component; SystemDB says which there are, so one that left the catalogue leaves at once. */
const DATA_SET = 'data set ';
/** A lane that has work and has applied nothing for this long does not move. */
const STALLED_S = 30;

/** Writes what this worker knows of itself, and how every lane stands, to where the API reads it (`sync_health`). */
@Injectable()
export class HealthPublisher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly every: Every;

  constructor(
    @Inject(PREPARED) private readonly prepared: Prepared,
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(LOG) log: Logger,
    private readonly health: HealthRegistry,
  ) {
    this.every = new Every('health', INTERVAL_MS, log);
  }

  onApplicationBootstrap(): void {
    this.every.start(() => this.publish());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.every.stop();
  }

  private async publish(): Promise<void> {
    const { components } = await this.health.readiness();
    const own = components.filter(({ name }) => name !== 'worker');
    const lanes = (await this.pool.query<LaneRow>(LANES, [this.prepared.source.id])).rows.map(laneComponent);
    const all = [...own, ...lanes];
    await this.pool.query(
      `WITH now_known AS (
         INSERT INTO sync.components AS c (name, healthy, detail, checked_at)
         SELECT name, healthy, detail, now() FROM unnest($1::text[], $2::bool[], $3::text[]) AS u (name, healthy, detail)
         ON CONFLICT (name) DO UPDATE
         SET healthy = excluded.healthy, detail = excluded.detail, checked_at = excluded.checked_at)
       DELETE FROM sync.components WHERE name <> ALL ($1)
         AND (checked_at < now() - interval '10 minutes' OR starts_with(name, $4))`,
      [all.map(({ name }) => name), all.map(({ healthy }) => healthy), all.map(({ detail }) => detail), DATA_SET],
    );
  }
}

function laneComponent({ name, state, reason, failures, pending_since_s: pending, idle_s: idle }: LaneRow) {
  const component = `${DATA_SET}${name}`;
  if (state === 'needs_resync') return { name: component, healthy: false, detail: `needs resync: ${reason ?? ''}` };
  if (state === 'copying') return { name: component, healthy: true, detail: `copying: ${reason ?? 'first load'}` };
  if (failures !== '0') {
    const keys = failures === '1' ? 'one key is' : `${failures} keys are`;
    return { name: component, healthy: false, detail: `${keys} set aside with errors` };
  }
  if (pending === null) return { name: component, healthy: true, detail: 'Everything captured is applied.' };
  const isStalled = pending > STALLED_S && (idle === null || idle > STALLED_S);
  const detail = isStalled
    ? `does not move: work waits for ${Math.round(pending)} s`
    : `${Math.round(pending)} s behind`;
  return { name: component, healthy: !isStalled, detail };
}

/** A scheduled lane may wait: it is not measured by the age of its work. */
const LANES = `
SELECT l.name, l.state, l.reason,
  (SELECT count(DISTINCT (f.table_id, f.key)) FROM sync.lane_failures f
    WHERE f.lane_id = l.id AND f.status = 'failed') AS failures,
  extract(epoch FROM now() - p.created_at)::float8 AS pending_since_s,
  extract(epoch FROM now() - l.applied_at)::float8 AS idle_s
FROM sync.ledger_lanes l
LEFT JOIN LATERAL (
  SELECT min(c.created_at) AS created_at FROM sync.lane_tables m CROSS JOIN LATERAL (
    SELECT created_at FROM sync.ledger_changes c
    WHERE c.table_id = m.table_id AND (c.commit_lsn, c.seq) > (l.position_lsn, l.position_seq)
    ORDER BY c.commit_lsn, c.seq LIMIT 1) c
  WHERE m.lane_id = l.id) p ON l.job_type = 'realtime'
WHERE l.source_id = $1 AND l.active ORDER BY l.name`;
