import { Injectable } from '@nestjs/common';
import { type Me, type MeChange, type PasswordChange, type SessionList } from '@astro/contracts';
import { AuditLog } from '../audit/audit-log.js';
import { type UserIdentity } from '../auth/identity.js';
import { PasswordHasher } from '../auth/password-hasher.js';
import { SessionStore } from '../auth/session-store.js';
import { SignInThrottle } from '../auth/sign-in-throttle.js';
import { ApiProblem } from '../shared/api-problem.js';
import { Connections } from '../shared/connections.js';
import { type RequestOrigin } from '../shared/request-origin.js';
import { Passwords } from './passwords.js';
import { ProfileStore } from './profile-store.js';

const UPDATE = `
UPDATE public.users SET name = coalesce($2, name), preferences = preferences || $3::jsonb WHERE id = $1`;
const SESSIONS = `
SELECT id, created_at, last_used_at, least(idle_at, expires_at) AS expires_at, user_agent, address
FROM access.sessions
WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now() AND idle_at > now()
ORDER BY last_used_at DESC, id LIMIT 200`;
const OWN_SESSION = `
SELECT 1 FROM access.sessions WHERE id = $1 AND user_id = $2 AND ended_at IS NULL FOR UPDATE`;
/** Only over the password that was checked. */
const SET_PASSWORD = `
UPDATE public.users SET password_hash = $2, password_changed_at = now(), must_change_password = false
WHERE id = $1 AND password_hash = $3`;

interface SessionRow {
  readonly id: string;
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly expires_at: Date;
  readonly user_agent: string | null;
  readonly address: string | null;
}

/** What people do with their own account. */
@Injectable()
export class MeService {
  constructor(
    private readonly connections: Connections,
    private readonly audit: AuditLog,
    private readonly profiles: ProfileStore,
    private readonly sessions: SessionStore,
    private readonly hasher: PasswordHasher,
    private readonly passwords: Passwords,
    private readonly throttle: SignInThrottle,
  ) {}

  read(user: UserIdentity): Promise<Me> {
    return this.profiles.get(user.id);
  }

  async change({ id }: UserIdentity, change: MeChange, origin: RequestOrigin): Promise<Me> {
    return this.audit.act(async (client) => {
      const before = await this.profiles.get(id, client);
      await client.query(UPDATE, [id, change.name ?? null, JSON.stringify(change.preferences ?? {})]);
      const after = await this.profiles.get(id, client);
      const facts = ({ name, preferences }: Me) => ({ name, preferences });
      const details = { before: facts(before), after: facts(after) };
      return { result: after, entry: { action: 'me.change', entityType: 'user', entityId: id, details, origin } };
    });
  }

  /** Needs the present password; every other session ends. Guessing it is slowed down as at sign-in. */
  async changePassword(user: UserIdentity, change: PasswordChange, origin: RequestOrigin): Promise<void> {
    const oldHash = await this.confirmPassword(user, change.currentPassword, origin);
    if (change.newPassword === change.currentPassword) {
      throw weak('must not be the one you have');
    }
    const hash = await this.passwords.accept(change.newPassword, user, '/newPassword');
    await this.audit.act(async (client) => {
      const { rowCount } = await client.query(SET_PASSWORD, [user.id, hash, oldHash]);
      if (rowCount === 0) throw wrongPassword();
      const except = user.sessionId;
      const ended = await this.sessions.endAll(client, user.id, { reason: 'password_changed', except });
      const entry = { action: 'me.change_password', entityType: 'user', entityId: user.id };
      return { result: undefined, entry: { ...entry, details: { endedSessions: ended }, origin } };
    });
  }

  async listSessions(user: UserIdentity): Promise<SessionList> {
    const { rows } = await this.connections.systemDb.query<SessionRow>(SESSIONS, [user.id]);
    const items = rows.map((row) => ({
      id: row.id,
      createdAt: row.created_at.toISOString(),
      lastUsedAt: row.last_used_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
      userAgent: row.user_agent,
      address: row.address,
      current: row.id === user.sessionId,
    }));
    return { items, asOf: new Date().toISOString() };
  }

  async endSession(user: UserIdentity, sessionId: string, origin: RequestOrigin): Promise<void> {
    await this.audit.act(async (client) => {
      const { rowCount } = await client.query(OWN_SESSION, [sessionId, user.id]);
      if (rowCount === 0) throw new ApiProblem(404, { code: 'NO_SUCH_SESSION', detail: 'You have no such session.' });
      await this.sessions.end(client, [sessionId], 'ended_by_user');
      return {
        result: undefined,
        entry: { action: 'me.end_session', entityType: 'session', entityId: sessionId, origin },
      };
    });
  }

  /** @returns the hash that the password was checked against */
  private async confirmPassword({ id, email }: UserIdentity, password: string, origin: RequestOrigin): Promise<string> {
    const attempt = { email, address: origin.address };
    const waitS = await this.throttle.take(attempt);
    const sql = 'SELECT password_hash FROM public.users WHERE id = $1';
    const { rows } = await this.connections.systemDb.query<{ password_hash: string }>(sql, [id]);
    const hash = rows[0]?.password_hash ?? null;
    const matches = waitS === 0 && (await this.hasher.verify(hash, password));
    if (matches && hash !== null) {
      await this.throttle.succeeded(attempt);
      return hash;
    }
    const reason = waitS > 0 ? 'too many tries' : 'wrong current password';
    const entry = { action: 'me.change_password', entityType: 'user', entityId: id, result: 'refused' } as const;
    await this.audit.record({ ...entry, details: { reason }, origin });
    if (waitS === 0) throw wrongPassword();
    const detail = `Too many tries. Wait ${waitS} s, then try again.`;
    throw new ApiProblem(429, { code: 'TOO_MANY_TRIES', detail, retryAfterS: waitS });
  }
}

function wrongPassword(): ApiProblem {
  return new ApiProblem(400, {
    code: 'WRONG_PASSWORD',
    detail: 'The current password is wrong.',
    errors: [{ pointer: '/currentPassword', detail: 'is wrong' }],
  });
}

function weak(objection: string): ApiProblem {
  const errors = [{ pointer: '/newPassword', detail: objection }];
  return new ApiProblem(400, { code: 'WEAK_PASSWORD', detail: `The password ${objection}.`, errors });
}
