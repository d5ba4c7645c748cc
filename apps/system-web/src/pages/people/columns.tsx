import { type User } from '@astro/contracts';
import { Group } from '@mantine/core';
import { type DataColumn, StatusBadge, TimeText, ValueText, VerbButton } from '@astro/web-ui';
import { ACTS, actsFor, type UserAct } from './user-acts.js';

/** @param onAct a button of a row was clicked */
export function peopleColumns(onAct: (act: UserAct) => void): readonly DataColumn<User>[] {
  return [
    { id: 'name', header: 'Name', cell: ({ name }) => <ValueText value={name} /> },
    { id: 'email', header: 'E-mail address', cell: ({ email }) => <ValueText value={email} />, onCard: true },
    { id: 'role', header: 'Role', cell: ({ role }) => role, onCard: true },
    {
      id: 'state',
      header: 'Status',
      cell: ({ disabledAt }) => <StatusBadge kind="setting" status={disabledAt === null ? 'active' : 'disabled'} />,
      onCard: true,
    },
    { id: 'lastSeenAt', header: 'Last seen', cell: ({ lastSeenAt }) => <TimeText at={lastSeenAt} none="never" /> },
    { id: 'openSessions', header: 'Sessions', cell: ({ openSessions }) => openSessions, align: 'right' },
    { id: 'createdAt', header: 'Added', cell: ({ createdAt }) => <TimeText at={createdAt} />, hidden: true },
    { id: 'acts', header: 'Change', cell: (user) => <Acts user={user} onAct={onAct} />, onCard: true },
  ];
}

function Acts({ user, onAct }: { readonly user: User; readonly onAct: (act: UserAct) => void }) {
  return (
    <Group gap={4}>
      {actsFor(user).map((kind) => (
        <VerbButton
          key={kind}
          size="compact-sm"
          allowed={ACTS[kind].allowed(user)}
          onClick={() => onAct({ kind, user })}
        >
          {ACTS[kind].label}
        </VerbButton>
      ))}
    </Group>
  );
}
