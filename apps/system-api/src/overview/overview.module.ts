import { Module } from '@nestjs/common';
import { DataSetsModule } from '../data-sets/data-sets.module.js';
import { HealthModule } from '../health/health.module.js';
import { OverviewController } from './overview.controller.js';
import { OverviewService } from './overview.service.js';

@Module({ imports: [DataSetsModule, HealthModule], controllers: [OverviewController], providers: [OverviewService] })
export class OverviewModule {}
