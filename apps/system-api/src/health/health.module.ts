import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { MetricsService } from './metrics.service.js';
import { ReadinessService } from './readiness.service.js';
import { StatusController } from './status.controller.js';

@Module({
  controllers: [HealthController, StatusController],
  providers: [ReadinessService, MetricsService],
})
export class HealthModule {}
