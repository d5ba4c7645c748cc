import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type HealthRegistry } from './health-registry.js';

/** What Prometheus reads of this worker. Roles put their own metrics into `registry`. */
export class WorkerMetrics {
  readonly registry = new Registry();
  private readonly gauge = new Gauge({
    name: 'sync_worker_component_healthy',
    help: '1 when the work of this part moves, else 0.',
    labelNames: ['component'] as const,
    registers: [this.registry],
  });

  constructor(private readonly health: HealthRegistry) {
    collectDefaultMetrics({ register: this.registry });
  }

  async text(): Promise<string> {
    const { components } = await this.health.readiness();
    this.gauge.reset();
    for (const { name, healthy } of components) this.gauge.set({ component: name }, healthy ? 1 : 0);
    return this.registry.metrics();
  }
}
