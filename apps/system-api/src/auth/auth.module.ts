import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { ProfileStore } from '../users/profile-store.js';
import { AccessGuard } from './access.guard.js';
import { AccessTokens } from './access-tokens.js';
import { ApiKeyStore } from './api-key-store.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { JwtStrategy } from './jwt.strategy.js';
import { MonitoringStrategy } from './monitoring.strategy.js';
import { PasswordHasher } from './password-hasher.js';
import { RefusedKeys } from './refused-keys.js';
import { SessionStore } from './session-store.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { SigningKeys } from './signing-keys.js';

/** Sign-in, and the guard that stands before every route of the whole API. */
@Module({
  imports: [JwtModule.register({})],
  controllers: [AuthController],
  providers: [
    AccessTokens,
    ApiKeyStore,
    ApiKeyStrategy,
    AuthService,
    JwtStrategy,
    MonitoringStrategy,
    PasswordHasher,
    ProfileStore,
    RefusedKeys,
    SessionStore,
    SigningKeys,
    SignInThrottle,
    AccessGuard,
    { provide: APP_GUARD, useExisting: AccessGuard },
  ],
  exports: [AccessGuard, PasswordHasher, ProfileStore, SessionStore, SignInThrottle],
})
export class AuthModule {}
