import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { type Request } from 'express';
import passport from 'passport';
import { type ApiEnv } from '@astro/runtime';
import { API_ENV } from '../shared/shared.module.js';
import { bearerOf } from './api-key.strategy.js';
import { hashToken } from './api-key.js';
import { type ApiKeyIdentity } from './identity.js';

const MONITORING: ApiKeyIdentity = {
  kind: 'api_key',
  id: 'monitoring',
  name: 'monitoring',
  role: null,
  scopes: ['metrics'],
};

class MonitoringPassport extends passport.Strategy {
  constructor(private readonly verify: (token: string, done: (error: unknown, identity?: unknown) => void) => void) {
    super();
  }

  override authenticate(request: Request): void {
    const token = bearerOf(request);
    if (token === null) return this.fail('no token');
    this.verify(token, (error, identity) => {
      if (error) this.error(error);
      else if (identity) this.success(identity);
      else this.fail('wrong token');
    });
  }
}

/** `MONITORING_TOKEN`: lets monitoring in with the scope `metrics` while SystemDB, which knows the keys, is away. */
@Injectable()
export class MonitoringStrategy extends PassportStrategy(MonitoringPassport, 'monitoring') {
  private readonly expected: Buffer | null;

  constructor(@Inject(API_ENV) { monitoringToken }: ApiEnv) {
    super();
    this.expected = monitoringToken === null ? null : hashToken(monitoringToken);
  }

  validate(token: string): ApiKeyIdentity | null {
    return this.expected !== null && timingSafeEqual(this.expected, hashToken(token)) ? MONITORING : null;
  }
}
