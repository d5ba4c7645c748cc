import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { SigningKeys } from './signing-keys.js';

/** How long an access token is good; what it may do is looked up at every request all the same. */
export const ACCESS_TOKEN_LIFE_S = 10 * 60;

/** What every access token must say; one that says otherwise was made for something else. */
export const TOKEN_RULES = {
  algorithm: 'ES256',
  type: 'at+jwt',
  issuer: 'astro-system-api',
  audience: 'astro-system-api',
} as const;

/** Signs access tokens. They name a session, nothing that could go out of date. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly jwt: JwtService,
    private readonly keys: SigningKeys,
  ) {}

  async issue(session: { id: string; userId: string }): Promise<{ accessToken: string; expiresAt: string }> {
    const { kid, privateKey } = await this.keys.current();
    const { algorithm, type, issuer, audience } = TOKEN_RULES;
    const accessToken = await this.jwt.signAsync(
      { sid: session.id },
      {
        privateKey,
        algorithm,
        issuer,
        audience,
        subject: session.userId,
        keyid: kid,
        notBefore: 0,
        expiresIn: ACCESS_TOKEN_LIFE_S,
        header: { alg: algorithm, typ: type },
      },
    );
    const { exp } = this.jwt.decode<{ exp: number }>(accessToken);
    return { accessToken, expiresAt: new Date(exp * 1_000).toISOString() };
  }
}
