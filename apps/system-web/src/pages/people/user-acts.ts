import { type Permission, type Role, type User } from '@astro/contracts';

/** What an administrator can do to a person. */
type ActKind = 'role' | 'disable' | 'enable' | 'sessions' | 'password';

export interface UserAct {
  readonly kind: ActKind;
  readonly user: User;
}

interface ActWords {
  /** On the button of the row. */
  readonly label: string;
  readonly title: (name: string) => string;
  /** What happens. */
  readonly text: string;
  readonly confirm: string;
  readonly keep: string;
  readonly allowed: (user: User) => Permission;
}

export const ACTS: Readonly<Record<ActKind, ActWords>> = {
  role: {
    label: 'Change role',
    title: (name) => `Give ${name} another role?`,
    text: 'It acts at once, also where they are signed in now.',
    confirm: 'Give this role',
    keep: 'Leave the role as it is',
    allowed: ({ allowed }) => allowed.changeRole,
  },
  disable: {
    label: 'Disable',
    title: (name) => `Disable ${name}?`,
    text: 'They are signed out everywhere at once and cannot sign in. What they did stays in the audit trail, and they can be enabled again.',
    confirm: 'Disable the person',
    keep: 'Leave them enabled',
    allowed: ({ allowed }) => allowed.disable,
  },
  enable: {
    label: 'Enable',
    title: (name) => `Enable ${name}?`,
    text: 'They can sign in again with the password they had.',
    confirm: 'Enable the person',
    keep: 'Leave them disabled',
    allowed: ({ allowed }) => allowed.enable,
  },
  sessions: {
    label: 'End sessions',
    title: (name) => `Sign ${name} out everywhere?`,
    text: 'All of their sessions end at once. They can sign in again.',
    confirm: 'End all sessions',
    keep: 'Leave them signed in',
    allowed: ({ allowed }) => allowed.endSessions,
  },
  password: {
    label: 'Set password',
    title: (name) => `Set a new password for ${name}?`,
    text: 'The server makes one and shows it once. Their old password stops working, all of their sessions end, and they are asked to choose their own.',
    confirm: 'Set a new password',
    keep: 'Leave the password as it is',
    allowed: ({ allowed }) => allowed.setPassword,
  },
};

/** What a person in this state can be offered. */
export function actsFor({ disabledAt }: User): readonly ActKind[] {
  return ['role', disabledAt === null ? 'disable' : 'enable', 'sessions', 'password'];
}

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: 'May look at everything but the audit trail; starts and changes nothing.',
  operator: 'May also start, pause and cancel runs, and change schedules.',
  auditor: 'May look at everything and read and export the audit trail; starts nothing.',
  admin: 'May do everything, also with people and API keys.',
};
