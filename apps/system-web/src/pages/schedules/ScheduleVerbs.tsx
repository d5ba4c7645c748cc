import { useState } from 'react';
import { Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Confirmation, ConfirmDialog, VerbButton } from '@astro/web-ui';
import { useUnlessBlocked } from '../../features/runs/may-operate.js';
import { listRunsQueryKey, listSchedulesQueryKey } from '../../generated/@tanstack/react-query.gen.js';
import { changeSchedule, runScheduleNow, type Schedule } from '../../generated/index.js';
import { useWriteBlock } from '../../shared/connection.js';
import { toastDone, toastFailed } from '../../shared/toast.js';

interface ScheduleProps {
  readonly schedule: Schedule;
}

/** Pause with a reason, resume, run now. */
export function ScheduleVerbs({ schedule }: ScheduleProps) {
  const { dataSet, allowed, paused } = schedule;
  const unlessBlocked = useUnlessBlocked();
  const [asked, setAsked] = useState<'pause' | 'run' | null>(null);
  const renew = useRenew();
  const close = (): void => setAsked(null);
  const resume = useMutation({
    mutationFn: () => changeSchedule({ path: { dataSet }, body: { paused: false }, throwOnError: true }),
    onSuccess: () => toastDone({ title: `The schedule of ${dataSet} goes on` }),
    onError: (error) => toastFailed(`The schedule of ${dataSet} was not resumed`, error.message),
    onSettled: renew,
  });
  return (
    <Group gap="xs">
      {paused ? (
        <VerbButton size="xs" allowed={unlessBlocked(allowed.resume)} onClick={() => resume.mutate()}>
          Resume {dataSet}
        </VerbButton>
      ) : (
        <VerbButton size="xs" allowed={unlessBlocked(allowed.pause)} onClick={() => setAsked('pause')}>
          Pause {dataSet}
        </VerbButton>
      )}
      <VerbButton size="xs" allowed={unlessBlocked(allowed.run)} onClick={() => setAsked('run')}>
        Run {dataSet} now
      </VerbButton>
      <PauseDialog schedule={schedule} opened={asked === 'pause'} onClose={close} />
      <RunNowDialog schedule={schedule} opened={asked === 'run'} onClose={close} />
    </Group>
  );
}

function useRenew(): () => Promise<void> {
  const queryClient = useQueryClient();
  return async () => {
    await queryClient.invalidateQueries({ queryKey: listSchedulesQueryKey() });
  };
}

interface DialogProps extends ScheduleProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Everybody sees the reason, so one is asked for. */
function PauseDialog({ schedule: { dataSet }, opened, onClose }: DialogProps) {
  const renew = useRenew();
  const pause = async ({ reason }: Confirmation): Promise<void> => {
    await changeSchedule({ path: { dataSet }, body: { paused: true, reason }, throwOnError: true });
    toastDone({ title: `The schedule of ${dataSet} is paused` });
    await renew();
  };
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      tier={2}
      title={`Pause the schedule of ${dataSet}?`}
      confirmLabel="Pause the schedule"
      keepLabel="Keep it going"
      blockedReason={useWriteBlock()}
      onConfirm={pause}
    >
      <Text>
        A run that is under way goes on. Times that pass while it is paused are not made up. Everybody who looks at the
        schedule sees the reason.
      </Text>
    </ConfirmDialog>
  );
}

function RunNowDialog({ schedule: { dataSet }, opened, onClose }: DialogProps) {
  const queryClient = useQueryClient();
  const renew = useRenew();
  const run = async ({ idempotencyKey }: Confirmation): Promise<void> => {
    const { data } = await runScheduleNow({
      path: { dataSet },
      headers: { 'Idempotency-Key': idempotencyKey },
      throwOnError: true,
    });
    const link = { href: `/runs/${data.id}`, label: `Open run ${data.id}` };
    toastDone({ title: `Run ${data.id} brings ${dataSet} over`, link });
    void queryClient.invalidateQueries({ queryKey: listRunsQueryKey() });
    await renew();
  };
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      tier={1}
      asksReason={false}
      title={`Run ${dataSet} now?`}
      confirmLabel="Run it now"
      keepLabel="Wait for its time"
      blockedReason={useWriteBlock()}
      onConfirm={run}
    >
      <Text>
        An incremental run brings over everything that is pending. The times of the schedule stay as they are.
      </Text>
    </ConfirmDialog>
  );
}
