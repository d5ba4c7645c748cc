import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type RequestFacts } from '../shared/request-log.js';
import { ReadinessService } from './readiness.service.js';

const DURATION_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What Prometheus reads: the process, HTTP durations, and the health of every component. */
@Injectable()
export class MetricsService {
  private readonly registry = new Registry();
  private readonly durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time until the answer was out, by route.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: DURATION_BUCKETS_S,
    registers: [this.registry],
  });
  private readonly health = new Gauge({
    name: 'sync_component_healthy',
    help: '1 when the component is reachable and its work moves, else 0.',
    labelNames: ['component'] as const,
    registers: [this.registry],
  });

  constructor(private readonly readiness: ReadinessService) {
    collectDefaultMetrics({ register: this.registry });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  observe({ method, route, status, durationMs }: RequestFacts): void {
    this.durations.observe({ method, route, status: String(status) }, durationMs / 1000);
  }

  async text(): Promise<string> {
    const { components } = await this.readiness.status();
    this.health.reset();
    for (const { name, healthy } of components) this.health.set({ component: name }, healthy ? 1 : 0);
    return this.registry.metrics();
  }
}
