import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Pool, type PoolClient } from 'pg';
import { Connections } from '../shared/connections.js';
import { inTransaction } from '../shared/transaction.js';
import { hashToken } from './api-key.js';
import { type UserIdentity } from './identity.js';

/** A session that nobody uses ends after this time … */
export const SESSION_IDLE_S = 2 * 60 * 60;
/** … and every session after this one: a working day. */
export const SESSION_LIFE_S = 12 * 60 * 60;
/** Requests of two windows may refresh with the same token at the same time, and an answer may be lost. */
export const REFRESH_GRACE_S = 20;
/** How long ended sessions are kept. */
const KEEP = '30 days';
const REFRESH_TOKEN = /^[\w-]{43}$/;

export type SessionEnd =
  'signed_out' | 'ended_by_user' | 'ended_by_admin' | 'disabled' | 'password_changed' | 'token_reused';

/** A session with the token that continues it. */
export interface OpenSession {
  readonly id: string;
  readonly userId: string;
  readonly expiresAt: Date;
  readonly refreshToken: string;
}

export type Rotation =
  | { readonly outcome: 'rotated'; readonly session: OpenSession }
  /** A token came back that had been spent before: somebody holds a copy, so the session has been ended. */
  | { readonly outcome: 'reused'; readonly sessionId: string; readonly userId: string }
  | { readonly outcome: 'unknown' };

type Db = Pool | PoolClient;
type Person = Pick<UserIdentity, 'id' | 'email' | 'name' | 'role' | 'mustChangePassword'>;

const IDENTIFY = `
SELECT u.id, u.email, u.name, u.role, u.must_change_password AS "mustChangePassword"
FROM access.sessions s JOIN public.users u ON u.id = s.user_id
WHERE s.id = $1 AND u.id = $2 AND u.disabled_at IS NULL
  AND s.ended_at IS NULL AND s.expires_at > now() AND s.idle_at > now()`;

const OPEN = `
INSERT INTO access.sessions (user_id, user_agent, address, idle_at, expires_at)
VALUES ($1, $2, $3, now() + make_interval(secs => ${SESSION_IDLE_S}), now() + make_interval(secs => ${SESSION_LIFE_S}))
RETURNING id, expires_at`;

/** One statement, so that of two requests with one token only one finds it unused. */
const USE_TOKEN = `UPDATE access.refresh_tokens SET used_at = now() WHERE hash = $1 AND used_at IS NULL`;

/** Locks the session, so that ending it and continuing it do not overtake each other. */
const FIND_TOKEN = `
SELECT s.id, s.user_id, s.expires_at,
  s.ended_at IS NULL AND s.expires_at > now() AND s.idle_at > now() AND u.disabled_at IS NULL AS open
FROM access.refresh_tokens t
JOIN access.sessions s ON s.id = t.session_id
JOIN public.users u ON u.id = s.user_id
WHERE t.hash = $1
FOR UPDATE OF s`;

/**
 * A used token may come back only from a window that asked at the same time, or when its answer was lost: soon, and
 * before anybody has gone on with a token that it gave. Asked under the lock of the session.
 */
const IS_SPENT = `
SELECT t.used_at < now() - make_interval(secs => ${REFRESH_GRACE_S}) OR EXISTS (
  SELECT 1 FROM access.refresh_tokens c WHERE c.parent_hash = t.hash AND c.used_at IS NOT NULL) AS spent
FROM access.refresh_tokens t WHERE t.hash = $1`;

const CONTINUE = `
UPDATE access.sessions
SET last_used_at = now(), idle_at = now() + make_interval(secs => ${SESSION_IDLE_S})
WHERE id = $1`;

interface TokenRow {
  readonly id: string;
  readonly user_id: string;
  readonly expires_at: Date;
  readonly open: boolean;
}

/** Sessions and the refresh tokens that continue them; of tokens only hashes are stored. */
@Injectable()
export class SessionStore {
  constructor(private readonly connections: Connections) {}

  /** @returns who this is now; null when the session is over or the user is disabled */
  async identify(sessionId: string, userId: string): Promise<UserIdentity | null> {
    const { rows } = await this.connections.systemDb.query<Person>(IDENTIFY, [sessionId, userId]);
    return rows[0] ? { kind: 'user', ...rows[0], scopes: [], sessionId } : null;
  }

  /** Opens a session inside the caller's transaction; also throws away sessions that ended long ago. */
  async open(db: Db, { userId, userAgent, address }: NewSession): Promise<OpenSession> {
    await db.query(`DELETE FROM access.sessions WHERE expires_at < now() - interval '${KEEP}'`);
    const { rows } = await db.query<{ id: string; expires_at: Date }>(OPEN, [userId, userAgent, address]);
    const [session] = rows;
    if (!session) throw new Error('INSERT returned no session');
    const { id, expires_at: expiresAt } = session;
    return { id, userId, expiresAt, refreshToken: await this.addToken(db, id) };
  }

  /** Gives the next token for this one, which is then used up. A token that comes back spent ends its session. */
  async rotate(refreshToken: string): Promise<Rotation> {
    if (!REFRESH_TOKEN.test(refreshToken)) return { outcome: 'unknown' };
    const hash = hashToken(refreshToken);
    return inTransaction(this.connections.systemDb, async (db): Promise<Rotation> => {
      const { rowCount } = await db.query(USE_TOKEN, [hash]);
      const [row] = (await db.query<TokenRow>(FIND_TOKEN, [hash])).rows;
      if (!row?.open) return { outcome: 'unknown' };
      if (rowCount === 0 && (await isSpent(db, hash))) {
        await this.end(db, [row.id], 'token_reused');
        return { outcome: 'reused', sessionId: row.id, userId: row.user_id };
      }
      await db.query(CONTINUE, [row.id]);
      const { id, user_id: userId, expires_at: expiresAt } = row;
      const session = { id, userId, expiresAt, refreshToken: await this.addToken(db, id, hash) };
      return { outcome: 'rotated', session };
    });
  }

  /** @returns the open session that this token belongs to, without using the token up */
  async ofToken(refreshToken: string): Promise<{ id: string; userId: string } | null> {
    if (!REFRESH_TOKEN.test(refreshToken)) return null;
    const sql = `SELECT s.id, s.user_id AS "userId" FROM access.refresh_tokens t
                 JOIN access.sessions s ON s.id = t.session_id WHERE t.hash = $1 AND s.ended_at IS NULL`;
    const { rows } = await this.connections.systemDb.query<{ id: string; userId: string }>(sql, [
      hashToken(refreshToken),
    ]);
    return rows[0] ?? null;
  }

  /** @returns how many of them were open */
  async end(db: Db, sessionIds: readonly string[], reason: SessionEnd): Promise<number> {
    const sql = `UPDATE access.sessions SET ended_at = now(), end_reason = $2 WHERE id = ANY ($1) AND ended_at IS NULL`;
    return (await db.query(sql, [sessionIds, reason])).rowCount ?? 0;
  }

  /**
   * Ends every session of a user.
   * @param except one that stays open
   * @returns how many were open
   */
  async endAll(db: Db, userId: string, { reason, except }: { reason: SessionEnd; except?: string }): Promise<number> {
    const sql = `UPDATE access.sessions SET ended_at = now(), end_reason = $2
                 WHERE user_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $3::uuid
                   AND expires_at > now() AND idle_at > now()`;
    return (await db.query(sql, [userId, reason, except ?? null])).rowCount ?? 0;
  }

  /** @param parentHash of the token that this one is given for; none at the sign-in */
  private async addToken(db: Db, sessionId: string, parentHash: Buffer | null = null): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const sql = 'INSERT INTO access.refresh_tokens (hash, session_id, parent_hash) VALUES ($1, $2, $3)';
    await db.query(sql, [hashToken(token), sessionId, parentHash]);
    return token;
  }
}

async function isSpent(db: Db, hash: Buffer): Promise<boolean> {
  return (await db.query<{ spent: boolean }>(IS_SPENT, [hash])).rows[0]?.spent ?? true;
}

export interface NewSession {
  readonly userId: string;
  readonly userAgent: string | null;
  readonly address: string | null;
}
