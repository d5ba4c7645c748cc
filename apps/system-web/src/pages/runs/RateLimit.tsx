import { useState } from 'react';
import { type Permission } from '@astro/contracts';
import { Group, NumberInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { formatCount, VerbButton } from '@astro/web-ui';
import { useMayOperate } from '../../features/runs/may-operate.js';
import { useShowRun } from '../../features/runs/run-query.js';
import { changeRun, type Run } from '../../generated/index.js';
import { toastUndo } from '../../shared/toast.js';

const MAX = 10_000_000;

/** Changes how fast a run may go, while it goes; the way back stays open for 8 s. */
export function RateLimit({ run }: { readonly run: Run }) {
  const present = run.rateLimitRowsPerS;
  const [typed, setTyped] = useState<number | string>('');
  const { error, isPending, change } = useRate(run);
  const rowsPerS = Number(typed);
  const isValid = Number.isInteger(rowsPerS) && rowsPerS >= 1 && rowsPerS <= MAX;
  const mayOperate = useMayOperate();
  const maySet = isValid ? mayOperate : either(mayOperate, `Enter whole rows per second, 1 to ${formatCount(MAX)}.`);
  const mayRemove = present === null ? either(mayOperate, 'The run has no limit.') : mayOperate;
  return (
    <Group align="flex-end" gap="sm" role="group" aria-label="Rate limit">
      <NumberInput
        label={present === null ? 'Rate limit: none' : `Rate limit: ${formatCount(present)} rows/s`}
        placeholder="rows/s"
        min={1}
        max={MAX}
        hideControls
        value={typed}
        onChange={setTyped}
        error={error?.message}
        w={220}
      />
      <VerbButton allowed={maySet} loading={isPending} onClick={() => change(rowsPerS)}>
        Set the limit
      </VerbButton>
      <VerbButton allowed={mayRemove} onClick={() => change(null)}>
        Take the limit away
      </VerbButton>
    </Group>
  );
}

/** Who may not at all is told so first. */
function either(mayOperate: Permission, reason: string): Permission {
  return mayOperate.ok ? { ok: false, reason } : mayOperate;
}

interface RateChange {
  /** Rows per second; `null` for no limit. */
  readonly to: number | null;
  readonly from: number | null;
}

function useRate({ id, rateLimitRowsPerS: present }: Run) {
  const show = useShowRun();
  const mutation = useMutation({
    mutationFn: async ({ to }: RateChange) =>
      (await changeRun({ path: { id }, body: { rateLimitRowsPerS: to }, throwOnError: true })).data,
    onSuccess: (run, { to, from }) => {
      show(run);
      const title = to === null ? `Run ${id} has no rate limit` : `Run ${id} is limited to ${formatCount(to)} rows/s`;
      toastUndo({ title, onUndo: () => mutation.mutate({ to: from, from: to }) });
    },
  });
  const change = (to: number | null): void => mutation.mutate({ to, from: present });
  return { error: mutation.error, isPending: mutation.isPending, change };
}
