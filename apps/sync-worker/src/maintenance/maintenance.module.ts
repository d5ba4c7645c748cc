import { Module } from '@nestjs/common';
import { Heartbeat } from './heartbeat.js';
import { HealthPublisher } from './health-publisher.js';
import { Partitions } from './partitions.js';
import { PublicationWatch } from './publication-watch.js';
import { Schedules } from './schedules.js';
import { Sweeper } from './sweeper.js';

@Module({ providers: [Sweeper, Partitions, Schedules, Heartbeat, HealthPublisher, PublicationWatch] })
export class MaintenanceModule {}
