import { Injectable } from '@nestjs/common';
import { type PoolClient } from 'pg';
import { type SignedIn, type SignIn } from '@astro/contracts';
import { AuditLog, type AuditRecord } from '../audit/audit-log.js';
import { ApiProblem } from '../shared/api-problem.js';
import { Connections } from '../shared/connections.js';
import { type RequestOrigin } from '../shared/request-origin.js';
import { ProfileStore } from '../users/profile-store.js';
import { AccessTokens } from './access-tokens.js';
import { PasswordHasher } from './password-hasher.js';
import { SessionStore, type OpenSession } from './session-store.js';
import { SignInThrottle, type SignInTry } from './sign-in-throttle.js';

/** What a sign-in or a refresh gives: the answer, and the token for the cookie. */
export interface Continued {
  readonly answer: SignedIn;
  readonly session: OpenSession;
}

interface Account {
  readonly id: string;
  readonly email: string;
  readonly password_hash: string;
  readonly disabled: boolean;
}

const FIND = `
SELECT id, email, password_hash, disabled_at IS NOT NULL AS disabled FROM public.users WHERE lower(email) = $1`;
/** Locked until the session is open, so that a password that is changed meanwhile opens none. */
const CONFIRM = `
SELECT 1 FROM public.users WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL FOR NO KEY UPDATE`;

/** Signs people in and out. The same answer, after the same time, whether the account or the password is wrong. */
@Injectable()
export class AuthService {
  constructor(
    private readonly connections: Connections,
    private readonly audit: AuditLog,
    private readonly throttle: SignInThrottle,
    private readonly hasher: PasswordHasher,
    private readonly sessions: SessionStore,
    private readonly tokens: AccessTokens,
    private readonly profiles: ProfileStore,
  ) {}

  async signIn({ email: typed, password }: SignIn, origin: RequestOrigin): Promise<Continued> {
    const email = typed.trim().toLowerCase();
    const attempt: SignInTry = { email, address: origin.address };
    const waitS = await this.throttle.take(attempt);
    if (waitS > 0) {
      await this.audit.record(refused(email, origin, { reason: 'too many tries', waitS }));
      throw tooManyTries(waitS);
    }
    const account = (await this.connections.systemDb.query<Account>(FIND, [email])).rows[0];
    const matches = await this.hasher.verify(account?.password_hash ?? null, password);
    const session = account && matches && !account.disabled ? await this.open(account, password, origin) : null;
    if (!session) {
      const reason = matches ? 'the account is disabled or was just changed' : 'wrong address or password';
      await this.audit.record(refused(email, origin, { reason, ...(account && { userId: account.id }) }));
      throw new ApiProblem(401, { code: 'WRONG_SIGN_IN', detail: 'The e-mail address or the password is wrong.' });
    }
    await this.throttle.succeeded(attempt);
    return this.answerFor(session);
  }

  /** @throws {ApiProblem} 401 when the session is over */
  async refresh(refreshToken: string, origin: RequestOrigin): Promise<Continued> {
    const rotation = await this.sessions.rotate(refreshToken);
    if (rotation.outcome === 'rotated') return this.answerFor(rotation.session);
    if (rotation.outcome === 'reused') {
      await this.audit.record({
        action: 'auth.refresh_reuse',
        entityType: 'session',
        entityId: rotation.sessionId,
        result: 'refused',
        details: { userId: rotation.userId, consequence: 'the session was ended' },
        origin,
      });
    }
    throw new ApiProblem(401, { code: 'SESSION_ENDED', detail: 'Your session has ended. Sign in again.' });
  }

  /** Ends the session of this token; does nothing when there is none. */
  async signOut(refreshToken: string, origin: RequestOrigin): Promise<void> {
    const session = await this.sessions.ofToken(refreshToken);
    if (!session) return;
    const user = await this.profiles.get(session.userId);
    await this.audit.act(async (client) => {
      await this.sessions.end(client, [session.id], 'signed_out');
      const initiator = { kind: 'user', id: session.userId, name: user.email } as const;
      const entry = { action: 'auth.sign_out', entityType: 'session', entityId: session.id };
      return { result: undefined, entry: { ...entry, origin: { ...origin, initiator } } };
    });
  }

  private open(account: Account, password: string, origin: RequestOrigin): Promise<OpenSession | null> {
    return this.audit
      .act(async (client) => {
        const { rowCount } = await client.query(CONFIRM, [account.id, account.password_hash]);
        if (rowCount === 0) throw new AccountChanged();
        await this.renewHash(client, account, password);
        const { userAgent, address } = origin;
        const session = await this.sessions.open(client, { userId: account.id, userAgent, address });
        const initiator = { kind: 'user', id: account.id, name: account.email } as const;
        const entry = { action: 'auth.sign_in', entityType: 'session', entityId: session.id, details: { userAgent } };
        return { result: session, entry: { ...entry, origin: { ...origin, initiator } } };
      })
      .catch((error: unknown) => {
        if (error instanceof AccountChanged) return null;
        throw error;
      });
  }

  /** The password is known only now: a hash of earlier, lower parameters is replaced. */
  private async renewHash(client: PoolClient, { id, password_hash: hash }: Account, password: string): Promise<void> {
    if (!this.hasher.isOutdated(hash)) return;
    await client.query('UPDATE public.users SET password_hash = $2 WHERE id = $1', [
      id,
      await this.hasher.hash(password),
    ]);
  }

  private async answerFor(session: OpenSession): Promise<Continued> {
    const { accessToken, expiresAt } = await this.tokens.issue(session);
    const me = await this.profiles.get(session.userId);
    return { answer: { accessToken, expiresAt, sessionExpiresAt: session.expiresAt.toISOString(), me }, session };
  }
}

class AccountChanged extends Error {}

function refused(email: string, origin: RequestOrigin, details: Record<string, unknown>): AuditRecord {
  // People type passwords into the wrong field; what is no address is not kept.
  const claimed = /^[^@\s]+@[^@\s]+$/.test(email) ? email : '(no e-mail address)';
  const initiator = { kind: 'anonymous', id: null, name: claimed } as const;
  return {
    action: 'auth.sign_in',
    entityType: 'session',
    result: 'refused',
    details,
    origin: { ...origin, initiator },
  };
}

function tooManyTries(waitS: number): ApiProblem {
  const detail = `Too many tries. Wait ${waitS} s, then try again.`;
  return new ApiProblem(429, { code: 'TOO_MANY_TRIES', detail, retryAfterS: waitS });
}
