import { Group, Progress, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { VerbButton } from '@astro/web-ui';
import { useMayOperate } from '../../features/runs/may-operate.js';
import { getRunPreviewQueryKey } from '../../generated/@tanstack/react-query.gen.js';
import { discardRunPreview, type Preview } from '../../generated/index.js';
import { toastDone, toastFailed } from '../../shared/toast.js';

/** The plan is being counted; nothing has been touched. */
export function Planning({ preview: { id, items } }: { readonly preview: Preview }) {
  const counted = items.filter(({ state }) => state === 'ready' || state === 'failed').length;
  const words = `Counting: ${counted} of ${items.length} data sets are done.`;
  return (
    <Stack gap="sm">
      <Progress.Root size="lg">
        <Progress.Section
          value={items.length === 0 ? 0 : (counted / items.length) * 100}
          withAria={false}
          role="progressbar"
          aria-label="Progress of the plan"
          aria-valuemin={0}
          aria-valuemax={items.length}
          aria-valuenow={counted}
          aria-valuetext={words}
        />
      </Progress.Root>
      <Text role="status">{words} Nothing is changed by it.</Text>
      <Group>
        <StopPlanning id={id} />
      </Group>
    </Stack>
  );
}

function StopPlanning({ id }: Pick<Preview, 'id'>) {
  const queryClient = useQueryClient();
  const discard = useMutation({
    mutationFn: async () => (await discardRunPreview({ path: { id }, throwOnError: true })).data,
    onSuccess: (preview) => {
      queryClient.setQueryData(getRunPreviewQueryKey({ path: { id } }), preview);
      toastDone({ title: `Plan ${id} is discarded` });
    },
    onError: (error) => toastFailed(`Plan ${id} was not discarded`, error.message),
  });
  return (
    <VerbButton allowed={useMayOperate()} loading={discard.isPending} onClick={() => discard.mutate()}>
      Stop planning
    </VerbButton>
  );
}
