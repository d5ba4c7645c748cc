import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { PassportStrategy } from '@nestjs/passport';
import { type KeyObject } from 'node:crypto';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { z } from 'zod';
import { ACCESS_TOKEN_LIFE_S, TOKEN_RULES } from './access-tokens.js';
import { type UserIdentity } from './identity.js';
import { SessionStore } from './session-store.js';
import { SigningKeys } from './signing-keys.js';

const CLOCK_TOLERANCE_S = 5;
const headerSchema = z.object({
  alg: z.literal(TOKEN_RULES.algorithm),
  typ: z.literal(TOKEN_RULES.type),
  kid: z.string(),
});
const payloadSchema = z.object({ sub: z.string().regex(/^\d{1,19}$/), sid: z.uuid(), exp: z.number() });

type KeyDone = (error: Error | null, key?: KeyObject) => void;

/** Access tokens: signed by one of our keys, for us, not too old, and of a session that is still open. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    jwt: JwtService,
    keys: SigningKeys,
    private readonly sessions: SessionStore,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // The key comes from our own table by its id; headers that bring or name a key (jwk, jku, x5u) mean nothing.
      secretOrKeyProvider: (_request: unknown, token: string, done: KeyDone) => {
        findKey(jwt, keys, token).then(
          (key) => (key ? done(null, key) : done(new Error('no key of ours'))),
          (error: Error) => done(error),
        );
      },
      algorithms: [TOKEN_RULES.algorithm],
      issuer: TOKEN_RULES.issuer,
      audience: TOKEN_RULES.audience,
      ignoreExpiration: false,
      jsonWebTokenOptions: { clockTolerance: CLOCK_TOLERANCE_S, maxAge: ACCESS_TOKEN_LIFE_S },
    } as never);
  }

  async validate(payload: unknown): Promise<UserIdentity | null> {
    const parsed = payloadSchema.safeParse(payload);
    return parsed.success ? this.sessions.identify(parsed.data.sid, parsed.data.sub) : null;
  }
}

async function findKey(jwt: JwtService, keys: SigningKeys, token: string): Promise<KeyObject | null> {
  const decoded = jwt.decode<unknown>(token, { complete: true }) as { header?: unknown } | null;
  const header = headerSchema.safeParse(decoded?.header);
  return header.success ? keys.publicKey(header.data.kid) : null;
}
