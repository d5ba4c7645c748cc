import { useState } from 'react';
import { type ApiKey } from '@astro/contracts';
import { Button, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ConfirmDialog, DataTable, TableSkeleton, TimeText } from '@astro/web-ui';
import { listApiKeysOptions, listApiKeysQueryKey } from '../../generated/@tanstack/react-query.gen.js';
import { revokeApiKey } from '../../generated/index.js';
import { useWriteBlock } from '../../shared/connection.js';
import { definedOf } from '../../shared/defined.js';
import { pagingOf } from '../../shared/filters/paging.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { type Secret, SecretDialog } from '../../shared/SecretDialog.js';
import { toastDone } from '../../shared/toast.js';
import { keyColumns } from './columns.js';
import { NewKey } from './NewKey.js';

const route = getRouteApi('/integrations');
type Search = ReturnType<typeof route.useSearch>;

const EMPTY = {
  title: 'No API key yet',
  text: 'A program that reads or starts synchronizations signs in with an API key of its own.',
};

/** The API keys of other programs. */
export function IntegrationsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<Search>): void => void navigate({ search: (old) => ({ ...old, ...next }) });
  const query = useLiveQuery({
    ...listApiKeysOptions({ query: definedOf(search) }),
    placeholderData: keepPreviousData,
  });
  const acts = useActs();
  return (
    <Stack>
      <PageHeader title="Integrations" actions={<Button onClick={() => acts.setMaking(true)}>Make an API key</Button>}>
        API keys of other programs: what each may do, and when it was last used.
      </PageHeader>
      <QueryView
        query={query}
        loadingLabel="Loading the API keys"
        skeleton={<TableSkeleton />}
        isEmpty={({ items }) => items.length === 0}
        empty={EMPTY}
      >
        {({ items, nextCursor }) => (
          <DataTable
            name="API keys"
            columns={acts.columns}
            rows={items}
            rowId={({ id }) => id}
            paging={pagingOf({ search, nextCursor, onChange: change })}
          />
        )}
      </QueryView>
      {acts.dialogs}
    </Stack>
  );
}

function useActs() {
  const queryClient = useQueryClient();
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const [isMaking, setMaking] = useState(false);
  const [secret, setSecret] = useState<Secret | null>(null);
  const [columns] = useState(() => keyColumns(setRevoking));
  const renew = () => queryClient.invalidateQueries({ queryKey: listApiKeysQueryKey() });
  const dialogs = (
    <>
      {revoking && <RevokeDialog apiKey={revoking} onClose={() => setRevoking(null)} onDone={renew} />}
      <NewKey opened={isMaking} onClose={() => setMaking(false)} onDone={renew} onSecret={setSecret} />
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
  return { columns, setMaking, dialogs };
}

interface RevokeDialogProps {
  readonly apiKey: ApiKey;
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
}

function RevokeDialog({ apiKey: { id, name, lastUsedAt }, onClose, onDone }: RevokeDialogProps) {
  const block = useWriteBlock();
  const revoke = async (): Promise<void> => {
    await revokeApiKey({ path: { id }, throwOnError: true });
    toastDone({ title: `The API key ${name} is revoked` });
    await onDone();
  };
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      tier={1}
      title={`Revoke the API key ${name}?`}
      confirmLabel="Revoke the key"
      keepLabel="Keep it"
      blockedReason={block}
      onConfirm={revoke}
    >
      <Text size="sm">
        The program that uses it is refused from now on, and it cannot be taken back. It was last used:{' '}
        <TimeText at={lastUsedAt} none="never" />.
      </Text>
    </ConfirmDialog>
  );
}
