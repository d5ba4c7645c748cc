import { type Role, type User } from '@astro/contracts';

export const USER_COLUMNS = `u.id, u.email, u.name, u.role, u.disabled_at, u.created_at,
  (SELECT max(s.last_used_at) FROM access.sessions s WHERE s.user_id = u.id) AS last_seen_at,
  (SELECT count(*)::int FROM access.sessions s WHERE s.user_id = u.id
     AND s.ended_at IS NULL AND s.expires_at > now() AND s.idle_at > now()) AS open_sessions,
  u.role = 'admin' AND u.disabled_at IS NULL
    AND (SELECT count(*) FROM public.users a WHERE a.role = 'admin' AND a.disabled_at IS NULL) = 1 AS is_last_admin`;

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled_at: Date | null;
  readonly created_at: Date;
  readonly last_seen_at: Date | null;
  readonly open_sessions: number;
  readonly is_last_admin: boolean;
}

export const LAST_ADMIN = 'This is the last administrator; make somebody else one first.';
export const NOT_YOURSELF = 'You cannot do this to yourself; ask another administrator.';

/** @param callerId who asks: nobody disables themselves or takes their own role */
export function userOf(row: UserRow, callerId: string): User {
  const isDisabled = row.disabled_at !== null;
  const isSelf = row.id === callerId;
  const removal = row.is_last_admin ? LAST_ADMIN : isSelf ? NOT_YOURSELF : null;
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    disabledAt: row.disabled_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
    openSessions: row.open_sessions,
    allowed: {
      changeRole: unless(removal),
      disable: unless(isDisabled ? 'The user is disabled already.' : removal),
      enable: unless(isDisabled ? null : 'The user is not disabled.'),
      endSessions: unless(row.open_sessions > 0 ? null : 'There is no open session.'),
      setPassword: unless(isSelf ? 'Change your own password on your own page.' : null),
    },
  };
}

function unless(reason: string | null): User['allowed']['disable'] {
  return reason === null ? { ok: true } : { ok: false, reason };
}
