import { Module, type DynamicModule } from '@nestjs/common';
import { type ApiEnv, type Logger } from '@astro/runtime';
import { HealthModule } from './health/health.module.js';
import { SharedModule } from './shared/shared.module.js';

@Module({})
export class ApiModule {
  static forEnv(env: ApiEnv, log: Logger): DynamicModule {
    return { module: ApiModule, imports: [SharedModule.forEnv(env, log), HealthModule] };
  }
}
