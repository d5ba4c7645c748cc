import { Module } from '@nestjs/common';
import { FlowSamples } from './flow-samples.js';
import { Heartbeat } from './heartbeat.js';
import { HealthPublisher } from './health-publisher.js';
import { Partitions } from './partitions.js';
import { PublicationWatch } from './publication-watch.js';
import { RunRetention } from './run-retention.js';
import { RunSignals } from '../runs/run-signals.js';
import { Schedules } from './schedules.js';
import { Sweeper } from './sweeper.js';

@Module({
  providers: [
    ...[Sweeper, FlowSamples, Partitions, RunRetention, Schedules, Heartbeat, HealthPublisher],
    ...[PublicationWatch, RunSignals],
  ],
})
export class MaintenanceModule {}
