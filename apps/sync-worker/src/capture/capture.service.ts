import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { capture, newCaptureStatus, type CaptureStatus } from '@astro/capture';
import { LedgerWriter, RecentChanges } from '@astro/ledger';
import type { Logger } from '@astro/runtime';
import { Counter, Gauge } from 'prom-client';
import { LOG } from '../config.js';
import { PREPARED } from '../engine/engine.module.js';
import type { Prepared } from '../engine/prepare.js';
import { HealthRegistry, type HealthState } from '../health/health-registry.js';
import { WorkerMetrics } from '../health/worker-metrics.js';

/** Runs capture for as long as the worker lives. */
@Injectable()
export class CaptureService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stop = new AbortController();
  private readonly status: CaptureStatus = newCaptureStatus();
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(PREPARED) private readonly prepared: Prepared,
    @Inject(LOG) private readonly log: Logger,
    private readonly recent: RecentChanges,
    private readonly health: HealthRegistry,
    private readonly metrics: WorkerMetrics,
  ) {}

  onApplicationBootstrap(): void {
    const { catalogue, source, operations, system } = this.prepared;
    const deps = {
      ledger: new LedgerWriter({ ...system, application_name: 'sync-worker capture' }, source.id, this.recent),
      connection: { ...operations, application_name: 'sync-worker capture' },
      slot: catalogue.source.slot,
      publication: catalogue.source.publication,
      tables: source.tables,
      maxAtomicRows: Math.min(...catalogue.dataSets.map((dataSet) => dataSet.maxAtomicRows)),
      log: this.log,
      status: this.status,
    };
    this.running = capture(deps, this.stop.signal).catch((error: unknown) => {
      this.status.phase = 'stopped';
      this.status.detail = error instanceof Error ? error.message : String(error);
      this.log.fatal({ event: 'capture.stopped', err: error }, this.status.detail);
    });
    this.health.register({ name: 'capture', check: () => this.check() });
    this.registerMetrics();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private check(): HealthState {
    const { phase, detail } = this.status;
    return { healthy: phase === 'streaming' || phase === 'standby', detail: `${phase}: ${detail}` };
  }

  private registerMetrics(): void {
    const registers = [this.metrics.registry];
    const { status } = this;
    counter('sync_capture_transactions_total', 'Source transactions stored in the ledger.', () => status.transactions);
    counter('sync_capture_changes_total', 'Row changes stored in the ledger.', () => status.changes);
    counter('sync_capture_received_bytes_total', 'Bytes of the replication stream.', () => status.bytes);
    new Gauge({
      name: 'sync_capture_stored_age_seconds',
      help: 'Time since the last position was stored.',
      registers,
      collect() {
        this.set(status.storedAtMs === 0 ? 0 : (Date.now() - status.storedAtMs) / 1000);
      },
    });

    function counter(name: string, help: string, value: () => number): void {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(value());
        },
      });
    }
  }
}
