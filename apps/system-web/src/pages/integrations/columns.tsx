import { type ApiKey } from '@astro/contracts';
import { Code } from '@mantine/core';
import { type DataColumn, StatusBadge, TimeText, ValueText, VerbButton } from '@astro/web-ui';

/** @param onRevoke the button of a row was clicked */
export function keyColumns(onRevoke: (key: ApiKey) => void): readonly DataColumn<ApiKey>[] {
  return [
    { id: 'name', header: 'Name', cell: ({ name }) => <ValueText value={name} /> },
    { id: 'prefix', header: 'Begins with', cell: ({ prefix }) => <Code>{prefix}</Code> },
    { id: 'scopes', header: 'May', cell: ({ scopes }) => scopes.join(', '), wraps: true, onCard: true },
    {
      id: 'state',
      header: 'Status',
      cell: ({ state }) => <StatusBadge kind="setting" status={state} />,
      onCard: true,
    },
    { id: 'expiresAt', header: 'Ends', cell: ({ expiresAt }) => <TimeText at={expiresAt} />, onCard: true },
    { id: 'lastUsedAt', header: 'Last used', cell: ({ lastUsedAt }) => <TimeText at={lastUsedAt} none="never" /> },
    { id: 'lastUsedAddress', header: 'From', cell: ({ lastUsedAddress }) => lastUsedAddress ?? '–' },
    { id: 'createdBy', header: 'Made by', cell: ({ createdBy }) => <ValueText value={createdBy} /> },
    { id: 'createdAt', header: 'Made', cell: ({ createdAt }) => <TimeText at={createdAt} />, hidden: true },
    {
      id: 'revoke',
      header: 'Change',
      cell: (key) => (
        <VerbButton size="compact-sm" allowed={key.allowed.revoke} onClick={() => onRevoke(key)}>
          Revoke
        </VerbButton>
      ),
      onCard: true,
    },
  ];
}
