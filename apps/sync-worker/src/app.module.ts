import { Global, Module, type DynamicModule } from '@nestjs/common';
import { type Logger } from '@astro/runtime';
import { LOG, WORKER_CONFIG, type WorkerConfig } from './config.js';
import { HealthRegistry } from './health/health-registry.js';
import { WorkerMetrics } from './health/worker-metrics.js';

/** What every role may inject: the configuration, the log, where to report health, where to put metrics. */
export interface WorkerParts {
  readonly config: WorkerConfig;
  readonly log: Logger;
  readonly health: HealthRegistry;
  readonly metrics: WorkerMetrics;
}

@Global()
@Module({})
export class WorkerModule {
  /** One module per role in `config.roles`; a role registers its parts with the {@link HealthRegistry}. */
  static of({ config, log, health, metrics }: WorkerParts): DynamicModule {
    const providers = [
      { provide: WORKER_CONFIG, useValue: config },
      { provide: LOG, useValue: log },
      { provide: HealthRegistry, useValue: health },
      { provide: WorkerMetrics, useValue: metrics },
    ];
    return { module: WorkerModule, imports: [], providers, exports: providers.map(({ provide }) => provide) };
  }
}
