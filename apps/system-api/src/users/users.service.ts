import { Injectable } from '@nestjs/common';
import { type PoolClient } from 'pg';
import {
  type CreatedUser,
  type EndedSessions,
  type NewUser,
  type PasswordReset,
  type PasswordResetResult,
  type User,
  type UserChange,
  type UserPage,
  type UserQuery,
} from '@astro/contracts';
import { type AuditRecord } from '../audit/audit-log.js';
import { AuditedActs } from '../audit/audited-acts.js';
import { SessionStore } from '../auth/session-store.js';
import { ApiProblem } from '../shared/api-problem.js';
import { Connections } from '../shared/connections.js';
import { decodeCursor, idPosition, pageOf } from '../shared/cursor.js';
import { type RequestOrigin } from '../shared/request-origin.js';
import { Passwords } from './passwords.js';
import { LAST_ADMIN, NOT_YOURSELF, USER_COLUMNS, userOf, type UserRow } from './user-rows.js';

const LIST = `
SELECT ${USER_COLUMNS} FROM public.users u
WHERE u.id > $1 AND ($2 = '' OR strpos(lower(u.name || ' ' || u.email), lower($2)) > 0)
ORDER BY u.id LIMIT $3`;
const READ = `SELECT ${USER_COLUMNS} FROM public.users u WHERE u.id = $1`;
/** In one order, so that two administrators who remove each other wait for each other instead of both succeeding. */
const LOCK_ADMINS = `SELECT id FROM public.users WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id FOR UPDATE`;
const INSERT = `
INSERT INTO public.users (email, name, role, password_hash, must_change_password) VALUES ($1, $2, $3, $4, true)
ON CONFLICT (lower(email)) DO NOTHING RETURNING id`;
const UPDATE = `
UPDATE public.users SET name = coalesce($2, name), role = coalesce($3, role),
  disabled_at = CASE $4::boolean WHEN true THEN coalesce(disabled_at, now()) WHEN false THEN NULL ELSE disabled_at END
WHERE id = $1`;
const SET_PASSWORD = `
UPDATE public.users SET password_hash = $2, password_changed_at = now(), must_change_password = true WHERE id = $1`;

/** An administrator and where they ask from. */
export interface Administrator {
  readonly id: string;
  readonly origin: RequestOrigin;
}

/** Only people pass the guard of these routes, so there is an id. */
export function administratorOf(origin: RequestOrigin): Administrator {
  return { id: origin.initiator.id ?? '', origin };
}

/** What administrators do with users. Every act is written to the audit trail, with what was before. */
@Injectable()
export class UsersService {
  constructor(
    private readonly connections: Connections,
    private readonly acts: AuditedActs,
    private readonly sessions: SessionStore,
    private readonly passwords: Passwords,
  ) {}

  async list({ limit, cursor, text = '' }: UserQuery, callerId: string): Promise<UserPage> {
    const after = cursor === undefined ? '0' : decodeCursor(cursor, idPosition)[0];
    const { rows } = await this.connections.systemDb.query<UserRow>(LIST, [after, text, limit + 1]);
    return pageOf(rows, limit, { item: (row) => userOf(row, callerId), position: (row) => [row.id] });
  }

  async create(
    { email, name, role, password }: NewUser,
    { id: callerId, origin }: Administrator,
  ): Promise<CreatedUser> {
    const { hash, told } = await this.passwords.choose(password, { email, name });
    const record = recordOf('user.create', { origin, details: { email, name, role } });
    return this.acts.do(record, async (client) => {
      const { rows } = await client.query<{ id: string }>(INSERT, [email, name, role, hash]);
      const [made] = rows;
      if (!made) {
        throw new ApiProblem(409, {
          code: 'EMAIL_TAKEN',
          detail: 'There is a user with this e-mail address already.',
          errors: [{ pointer: '/email', detail: 'belongs to another user' }],
        });
      }
      const user = userOf(await this.read(client, made.id), callerId);
      return { result: { user, password: told }, entityId: made.id, details: {} };
    });
  }

  async change(userId: string, change: UserChange, { id: callerId, origin }: Administrator): Promise<User> {
    const record = recordOf('user.change', { userId, origin, details: { wanted: change } });
    return this.acts.do(record, async (client) => {
      await client.query(LOCK_ADMINS);
      const before = await this.read(client, userId);
      requirePermitted(before, change, callerId);
      await client.query(UPDATE, [userId, change.name ?? null, change.role ?? null, change.disabled ?? null]);
      const ended = change.disabled === true ? await this.sessions.endAll(client, userId, { reason: 'disabled' }) : 0;
      const after = await this.read(client, userId);
      const details = { email: after.email, before: facts(before), after: facts(after), endedSessions: ended };
      return { result: userOf(after, callerId), details };
    });
  }

  async endSessions(userId: string, { origin }: Administrator): Promise<EndedSessions> {
    return this.acts.do(recordOf('user.end_sessions', { userId, origin }), async (client) => {
      const { email } = await this.read(client, userId);
      const ended = await this.sessions.endAll(client, userId, { reason: 'ended_by_admin' });
      return { result: { ended }, details: { email, ended } };
    });
  }

  async setPassword(userId: string, { password }: PasswordReset, admin: Administrator): Promise<PasswordResetResult> {
    return this.acts.do(recordOf('user.set_password', { userId, origin: admin.origin }), async (client) => {
      if (userId === admin.id) throw conflict('NOT_YOURSELF', 'Change your own password with POST /me/password.');
      const user = await this.read(client, userId);
      const { hash, told } = await this.passwords.choose(password, user);
      await client.query(SET_PASSWORD, [userId, hash]);
      const ended = await this.sessions.endAll(client, userId, { reason: 'password_changed' });
      return { result: { password: told }, details: { email: user.email, endedSessions: ended } };
    });
  }

  private async read(db: PoolClient, userId: string): Promise<UserRow> {
    const [row] = (await db.query<UserRow>(READ, [userId])).rows;
    if (row) return row;
    throw new ApiProblem(404, { code: 'NO_SUCH_USER', detail: 'There is no user with this id.' });
  }
}

function requirePermitted(user: UserRow, { role, disabled }: UserChange, callerId: string): void {
  const takesRole = role !== undefined && role !== user.role;
  const disables = disabled === true && user.disabled_at === null;
  if (!takesRole && !disables) return;
  if (user.is_last_admin) throw conflict('LAST_ADMIN', LAST_ADMIN);
  if (user.id === callerId) throw conflict('NOT_YOURSELF', NOT_YOURSELF);
}

function conflict(code: string, detail: string): ApiProblem {
  return new ApiProblem(409, { code, detail });
}

function facts({ name, role, disabled_at: disabledAt }: UserRow) {
  return { name, role, disabled: disabledAt !== null };
}

interface Asked {
  /** Absent while there is no such user. */
  readonly userId?: string;
  readonly origin: RequestOrigin;
  /** What is known before the act. */
  readonly details?: Readonly<Record<string, unknown>>;
}

function recordOf(action: string, { userId, ...asked }: Asked): AuditRecord {
  return { action, entityType: 'user', ...(userId !== undefined && { entityId: userId }), ...asked };
}
