import { type Session } from '@astro/contracts';
import { Button, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type DataColumn, DataTable, TimeText, ValueText } from '@astro/web-ui';
import { listMySessionsOptions, listMySessionsQueryKey } from '../../generated/@tanstack/react-query.gen.js';
import { endMySession } from '../../generated/index.js';
import { useWriteBlock } from '../../shared/connection.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { QueryView } from '../../shared/QueryView.js';
import { toastDone, toastFailed } from '../../shared/toast.js';
import { Block } from './Block.js';
import { browserName } from './browser-name.js';

const COLUMNS: readonly DataColumn<Session>[] = [
  { id: 'browser', header: 'Browser', cell: (session) => <ValueText value={nameOf(session)} /> },
  { id: 'address', header: 'Address', cell: ({ address }) => address ?? 'not known', onCard: true },
  { id: 'lastUsedAt', header: 'Last used', cell: ({ lastUsedAt }) => <TimeText at={lastUsedAt} />, onCard: true },
  { id: 'createdAt', header: 'Signed in', cell: ({ createdAt }) => <TimeText at={createdAt} />, onCard: true },
  { id: 'end', header: 'End', cell: (session) => <EndButton session={session} />, onCard: true },
];

/** Where the person is signed in; the other places can be ended. */
export function SessionsBlock() {
  const query = useLiveQuery(listMySessionsOptions());
  return (
    <Block title="Where I am signed in">
      <QueryView query={query} loadingLabel="Loading your sessions">
        {({ items }) => <DataTable name="My sessions" columns={COLUMNS} rows={items} rowId={({ id }) => id} />}
      </QueryView>
    </Block>
  );
}

const nameOf = ({ userAgent, current }: Session): string => `${browserName(userAgent)}${current ? ' (this one)' : ''}`;

function EndButton({ session }: { readonly session: Session }) {
  const queryClient = useQueryClient();
  const block = useWriteBlock();
  const end = useMutation({
    mutationFn: () => endMySession({ path: { id: session.id }, throwOnError: true }),
    onSuccess: () => toastDone({ title: 'The session is ended', text: nameOf(session) }),
    onError: (error) => toastFailed('The session was not ended', error.message),
    onSettled: () => queryClient.invalidateQueries({ queryKey: listMySessionsQueryKey() }),
  });
  if (session.current) return <Text size="sm">Sign out in the menu above</Text>;
  return (
    <Button
      variant="default"
      size="compact-sm"
      loading={end.isPending}
      disabled={block !== null}
      onClick={() => end.mutate()}
    >
      End this session
    </Button>
  );
}
