import { Module } from '@nestjs/common';
import { Heartbeat } from './heartbeat.js';
import { HealthPublisher } from './health-publisher.js';
import { Partitions } from './partitions.js';
import { Schedules } from './schedules.js';
import { Sweeper } from './sweeper.js';

@Module({ providers: [Sweeper, Partitions, Schedules, Heartbeat, HealthPublisher] })
export class MaintenanceModule {}
