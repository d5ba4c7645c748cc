import { setMaxListeners } from 'node:events';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ReadSlots, laneConnection, type Lane } from '@astro/apply';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { LaneJournalWriter, RecentChanges, type RegisteredLane } from '@astro/ledger';
import { RUNS_CHANNEL } from '@astro/runs';
import type { Logger } from '@astro/runtime';
import { Gauge } from 'prom-client';
import { LOG } from '../config.js';
import { buildLane, type LaneEnvironment } from '../engine/build-lane.js';
import { ChannelListener } from '../engine/channel-listener.js';
import { CACHE, LEDGER_POOL, PREPARED } from '../engine/engine.module.js';
import type { VerifierEnvironment } from '../engine/build-verifier.js';
import { LaneSignals } from '../engine/lane-signals.js';
import { LedgerListener } from '../engine/ledger-listener.js';
import type { Prepared } from '../engine/prepare.js';
import { HealthRegistry, type HealthState } from '../health/health-registry.js';
import { WorkerMetrics } from '../health/worker-metrics.js';
import { Every } from '../engine/every.js';
import { buildComparer } from '../runs/build-comparer.js';
import type { Comparer } from '../runs/comparisons.js';
import { RunWork } from '../runs/run-work.js';
import { LaneRunner } from './lane-runner.js';

/** Each of at most 8 MiB. */
const CHUNKS_IN_MEMORY = 4;
const WATCH_INTERVAL_MS = 3000;
const NUDGE_INTERVAL_MS = 50;
/** A lane may fail this long before the worker counts as unhealthy. */
const PROBLEM_GRACE_MS = 30_000;

/** Builds every lane of the catalogue and moves those that are signalled. */
@Injectable()
export class ApplyService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stop = new AbortController();
  private readonly lanes: readonly Lane[];
  private readonly runner: LaneRunner;
  private readonly listener: LedgerListener;
  private readonly runsListener: ChannelListener;
  private readonly active = new Set<Promise<void>>();
  private readonly watch: Every;
  private readonly laneConnections: Redis[] = [];
  private readonly comparing: VerifierEnvironment;
  private readonly nudgedAtMs = new Map<string, number>();

  constructor(
    @Inject(PREPARED) private readonly prepared: Prepared,
    @Inject(LOG) log: Logger,
    @Inject(LEDGER_POOL) ledgerPool: Pool,
    @Inject(CACHE) cache: Redis,
    recent: RecentChanges,
    private readonly journalWriter: LaneJournalWriter,
    private readonly health: HealthRegistry,
    private readonly metrics: WorkerMetrics,
    private readonly signals: LaneSignals,
    private readonly runs: RunWork,
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
      tasks: (lane) => runs.tasksOf(lane),
      log,
    };
    this.comparing = { ...environment, cache, wake: (lane) => this.nudge(lane) };
    const lanes = catalogue.dataSets.flatMap((dataSet) => {
      const registered = source.lanes.find((lane) => lane.name === dataSet.name);
      return registered ? [buildLane(dataSet, registered, environment)] : [];
    });
    this.lanes = lanes;
    this.runner = new LaneRunner(lanes);
    const scheduled = new Set(lanes.filter(({ deps }) => deps.isScheduled).map(({ name }) => name));
    const realtime = source.lanes.filter((lane) => !scheduled.has(lane.name));
    this.listener = new LedgerListener(environment.system, log, (tableIds) => this.wakeReaders(realtime, tableIds));
    const onNotified = () => void this.runsChanged().catch(() => undefined); // looked at again within seconds
    this.runsListener = new ChannelListener(environment.system, { channel: RUNS_CHANNEL, log, onNotified });
  }

  onApplicationBootstrap(): void {
    setMaxListeners(0, this.stop.signal); // every lane hears it, however many there are
    this.listener.start();
    this.runs.start({ comparerOf: (name) => this.comparerOf(name), wake: (name) => this.wake(name) });
    this.runsListener.start();
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
    const running = this.runner.run(lane, this.stop.signal).finally(() => this.laneEnded(lane));
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
    await this.runsListener.stop();
    await this.runs.stop();
    await this.journalWriter.flush();
    await Promise.allSettled(this.lanes.map((lane) => lane.forget())); // closes its connections
    for (const connection of this.laneConnections) connection.disconnect();
  }

  private wakeReaders(lanes: readonly RegisteredLane[], tableIds: readonly number[]): void {
    for (const lane of lanes) {
      if (lane.tables.some((table) => tableIds.includes(table.id))) this.runner.wake(lane.name);
    }
  }

  /** Every lane at work here looks at what runs ask of it now. */
  private async runsChanged(): Promise<void> {
    await this.runs.changed();
    for (const lane of this.lanes) {
      lane.lookAgain();
      this.runner.wake(lane.name);
    }
  }

  /** Called again and again while a comparison waits for the lane. */
  private nudge(name: string): void {
    const now = Date.now();
    if (now - (this.nudgedAtMs.get(name) ?? 0) < NUDGE_INTERVAL_MS) return;
    this.nudgedAtMs.set(name, now);
    this.runner.wake(name);
    this.signals.changed(name);
  }

  private wake(name: string): void {
    this.lanes.find((lane) => lane.name === name)?.lookAgain();
    this.runner.wake(name);
    this.signals.changed(name);
  }

  private comparerOf(name: string): Comparer | null {
    const dataSet = this.prepared.catalogue.dataSets.find((candidate) => candidate.name === name);
    const lane = this.prepared.source.lanes.find((candidate) => candidate.name === name);
    return dataSet && lane ? buildComparer(dataSet, lane, this.comparing) : null;
  }

  private async laneEnded(name: string): Promise<void> {
    if (this.runner.isRunning(name)) return; // a second job for a lane that runs here came to nothing
    await this.runs.laneEnded(name);
  }

  private connectLane(cache: Redis): Redis {
    const connection = laneConnection(cache);
    connection.on('error', () => undefined); // said once by the connection it was made from
    this.laneConnections.push(connection);
    return connection;
  }

  /** A target that was emptied or put back while nothing changes would stay so: its lane is told to look (P10). */
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
