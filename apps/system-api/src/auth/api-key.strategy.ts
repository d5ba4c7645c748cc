import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { type Request } from 'express';
import passport from 'passport';
import { API_KEY_HEADER } from '@astro/contracts';
import { ApiKeyStore } from './api-key-store.js';
import { isApiKey } from './api-key.js';
import { type ApiKeyIdentity } from './identity.js';

type Verify = (
  key: string,
  address: string | null,
  done: (error: unknown, identity?: ApiKeyIdentity | null) => void,
) => void;

/** Passport's part: takes the key out of its header, or out of `Authorization: Bearer` for programs that know no other. */
class ApiKeyPassport extends passport.Strategy {
  constructor(private readonly verify: Verify) {
    super();
  }

  override authenticate(request: Request): void {
    const key = keyOf(request);
    if (key === null) return this.fail('no API key');
    this.verify(key, request.ip ?? null, (error, identity) => {
      if (error) this.error(error);
      else if (identity) this.success(identity);
      else this.fail('wrong API key');
    });
  }
}

/** API keys of integrators. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(ApiKeyPassport, 'api-key') {
  constructor(private readonly keys: ApiKeyStore) {
    super();
  }

  validate(key: string, address: string | null): Promise<ApiKeyIdentity | null> {
    return this.keys.identify(key, address);
  }
}

/** The API key of the request, right or wrong; null when it shows nothing that has the form of one. */
export function keyOf(request: Request): string | null {
  const given = request.get(API_KEY_HEADER) ?? bearerOf(request);
  return given !== null && isApiKey(given) ? given : null;
}

/** The credential of `Authorization: Bearer …`; null when there is none. */
export function bearerOf(request: Request): string | null {
  return /^bearer ([\w.~+/=-]{1,4096})$/i.exec(request.get('authorization') ?? '')?.[1] ?? null;
}
