import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { type ApiEnv, type Logger } from '@astro/runtime';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { ChangesModule } from './changes/changes.module.js';
import { DataSetsModule } from './data-sets/data-sets.module.js';
import { ExplainModule } from './explain/explain.module.js';
import { HealthModule } from './health/health.module.js';
import { OpenApiModule } from './openapi/openapi.module.js';
import { OverviewModule } from './overview/overview.module.js';
import { RateLimitGuard, rateLimits } from './shared/rate-limit.js';
import { SharedModule } from './shared/shared.module.js';
import { SyncModule } from './sync/sync.module.js';
import { UsersModule } from './users/users.module.js';

@Module({})
export class ApiModule {
  static forEnv(env: ApiEnv, log: Logger): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        SharedModule.forEnv(env, log),
        DiscoveryModule,
        rateLimits(env.requestsPerMinute),
        AuditModule,
        AuthModule,
        UsersModule,
        SyncModule,
        HealthModule,
        ChangesModule,
        DataSetsModule,
        OverviewModule,
        ExplainModule,
        OpenApiModule,
      ],
      // Before the guard of access, so that guessing tokens is limited too.
      providers: [{ provide: APP_GUARD, useClass: RateLimitGuard }],
    };
  }
}
