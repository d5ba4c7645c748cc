import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ReadSlots, laneConnection, type Lane } from '@astro/apply';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { LaneJournalWriter, RecentChanges } from '@astro/ledger';
import type { Logger } from '@astro/runtime';
import { Gauge } from 'prom-client';
import { LOG } from '../config.js';
import { buildLane, type LaneEnvironment } from '../engine/build-lane.js';
import { CACHE, LEDGER_POOL, PREPARED } from '../engine/engine.module.js';
import { LaneSignals } from '../engine/lane-signals.js';
import { LedgerListener } from '../engine/ledger-listener.js';
import type { Prepared } from '../engine/prepare.js';
import { HealthRegistry, type HealthState } from '../health/health-registry.js';
import { WorkerMetrics } from '../health/worker-metrics.js';
import { Every } from '../engine/every.js';
import { LaneRunner } from './lane-runner.js';

/** Each of at most 8 MiB. */
const CHUNKS_IN_MEMORY = 4;
const WATCH_INTERVAL_MS = 3000;
/** A lane may fail this long before the worker counts as unhealthy. */
const PROBLEM_GRACE_MS = 30_000;

/** Builds every lane of the catalogue and moves those that are signalled. */
@Injectable()
export class ApplyService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stop = new AbortController();
  private readonly lanes: readonly Lane[];
  private readonly runner: LaneRunner;
  private readonly listener: LedgerListener;
  private readonly active = new Set<Promise<void>>();
  private readonly watch: Every;
  private readonly laneConnections: Redis[] = [];

  constructor(
    @Inject(PREPARED) prepared: Prepared,
    @Inject(LOG) log: Logger,
    @Inject(LEDGER_POOL) ledgerPool: Pool,
    @Inject(CACHE) cache: Redis,
    recent: RecentChanges,
    private readonly journalWriter: LaneJournalWriter,
    private readonly health: HealthRegistry,
    private readonly metrics: WorkerMetrics,
    private readonly signals: LaneSignals,
  ) {
    this.watch = new Every('target_watch', WATCH_INTERVAL_MS, log);
    const { catalogue, source, tables, operations, system } = prepared;
    const environment: LaneEnvironment = {
      sourceId: source.id,
      sourceTables: tables,
      operations: { ...operations, application_name: 'sync-worker apply' },
      system: { ...system, application_name: 'sync-worker apply' },
      ledgerPool,
      recent,
      journalWriter,
      cache: () => this.connectLane(cache),
      slots: new ReadSlots(CHUNKS_IN_MEMORY),
      log,
    };
    const lanes = catalogue.dataSets.flatMap((dataSet) => {
      const registered = source.lanes.find((lane) => lane.name === dataSet.name);
      return registered ? [buildLane(dataSet, registered, environment)] : [];
    });
    const scheduled = new Set(catalogue.dataSets.filter(({ mode }) => mode === 'scheduled').map(({ name }) => name));
    this.lanes = lanes;
    this.runner = new LaneRunner({ lanes, scheduled, log });
    const realtime = source.lanes.filter((lane) => !scheduled.has(lane.name));
    this.listener = new LedgerListener(environment.system, log, (tableIds) => {
      for (const lane of realtime) {
        if (lane.tables.some((table) => tableIds.includes(table.id))) this.runner.wake(lane.name);
      }
    });
  }

  onApplicationBootstrap(): void {
    this.listener.start();
    this.watch.start(() => this.findLost());
    this.health.register({ name: 'lanes', check: () => this.check() });
    const { runner } = this;
    new Gauge({
      name: 'sync_lane_running',
      help: '1 while this worker moves the lane.',
      labelNames: ['lane'] as const,
      registers: [this.metrics.registry],
      collect() {
        for (const { lane, running } of runner.statuses.values()) this.set({ lane }, running ? 1 : 0);
      },
    });
  }

  get laneCount(): number {
    return this.lanes.length;
  }

  async advance(lane: string): Promise<void> {
    if (this.stop.signal.aborted) return;
    const running = this.runner.run(lane, this.stop.signal);
    this.active.add(running);
    await running.finally(() => this.active.delete(running));
  }

  /** Every lane ends after the batch under way; none begins. */
  endLanes(): void {
    this.stop.abort();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.endLanes();
    await Promise.allSettled(this.active);
    await this.watch.stop();
    await this.listener.stop();
    await this.journalWriter.flush();
    await Promise.allSettled(this.lanes.map((lane) => lane.forget())); // closes its connections
    for (const connection of this.laneConnections) connection.disconnect();
  }

  private connectLane(cache: Redis): Redis {
    const connection = laneConnection(cache);
    connection.on('error', () => undefined); // said once by the connection it was made from
    this.laneConnections.push(connection);
    return connection;
  }

  /** A target that was emptied while nothing changes would stay empty: its lane is told to look (P10). */
  private async findLost(): Promise<void> {
    for (const lane of this.lanes) {
      if (!this.runner.isRunning(lane.name) && (await lane.isLost())) this.signals.changed(lane.name);
    }
  }

  private check(): HealthState {
    const failing = [...this.runner.statuses.values()].filter(
      ({ problem, problemSinceMs }) => problem !== null && Date.now() - problemSinceMs > PROBLEM_GRACE_MS,
    );
    if (failing.length === 0) return { healthy: true, detail: 'Every lane here moves or has nothing to do.' };
    return { healthy: false, detail: failing.map(({ lane, problem }) => `${lane}: ${problem}`).join('; ') };
  }
}
