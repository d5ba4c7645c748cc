import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { HealthController } from './health.controller.js';
import { MetricsService } from './metrics.service.js';
import { ReadinessService } from './readiness.service.js';
import { StatusController } from './status.controller.js';

@Module({
  imports: [AuthModule],
  controllers: [HealthController, StatusController],
  providers: [ReadinessService, MetricsService],
  exports: [ReadinessService],
})
export class HealthModule {}
