import { BullModule } from '@nestjs/bullmq';
import { Global, Module, type DynamicModule, type Type } from '@nestjs/common';
import type { ConnectionOptions } from 'bullmq';
import { LANES_QUEUE } from '@astro/jobs';
import { redisOptions, type Logger, type WorkerRole } from '@astro/runtime';
import { ApplyModule } from './apply/apply.module.js';
import { CaptureModule } from './capture/capture.module.js';
import { LOG, WORKER_CONFIG, type WorkerConfig } from './config.js';
import { EngineModule, PREPARED } from './engine/engine.module.js';
import type { Prepared } from './engine/prepare.js';
import { HealthRegistry } from './health/health-registry.js';
import { LinkHealthModule } from './health/link-health.module.js';
import { WorkerMetrics } from './health/worker-metrics.js';
import { MaintenanceModule } from './maintenance/maintenance.module.js';

/** What every role may inject: the configuration, what was found out about the databases, the log, health, metrics. */
export interface WorkerParts {
  readonly config: WorkerConfig;
  readonly prepared: Prepared;
  readonly log: Logger;
  readonly health: HealthRegistry;
  readonly metrics: WorkerMetrics;
}

const ROLES: Readonly<Record<WorkerRole, Type>> = {
  capture: CaptureModule,
  apply: ApplyModule,
  maintenance: MaintenanceModule,
};

@Global()
@Module({})
export class WorkerModule {
  /** One module per role in `config.roles`; a role registers its parts with the {@link HealthRegistry}. */
  static of({ config, prepared, log, health, metrics }: WorkerParts): DynamicModule {
    const providers = [
      { provide: WORKER_CONFIG, useValue: config },
      { provide: PREPARED, useValue: prepared },
      { provide: LOG, useValue: log },
      { provide: HealthRegistry, useValue: health },
      { provide: WorkerMetrics, useValue: metrics },
    ];
    const { queueUrl, link } = config.connections;
    const options = { ...link, connectionName: 'sync-worker', forWorker: true };
    const connection = redisOptions(queueUrl, options) as ConnectionOptions;
    const imports = [
      BullModule.forRoot({ connection }),
      { ...BullModule.registerQueue({ name: LANES_QUEUE }), global: true },
      EngineModule.forWorker(),
      LinkHealthModule,
      ...config.roles.map((role) => ROLES[role]),
    ];
    return { module: WorkerModule, imports, providers, exports: providers.map(({ provide }) => provide) };
  }
}
