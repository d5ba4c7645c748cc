import { useState } from 'react';
import { type Permission } from '@astro/contracts';
import { Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import {
  type Confirmation,
  ConfirmDialog,
  formatCount,
  formatRows,
  mayUse,
  type RunVerb,
  runVerbs,
  VerbButton,
} from '@astro/web-ui';
import { useUnlessBlocked } from '../../features/runs/may-operate.js';
import { useShowRun } from '../../features/runs/run-query.js';
import { useMe } from '../../features/session/session-context.js';
import { cancelRun, pauseRun, resumeRun, retryRun, type Run } from '../../generated/index.js';
import { useWriteBlock } from '../../shared/connection.js';
import { toastDone, toastFailed, toastUndo } from '../../shared/toast.js';

interface RunProps {
  readonly run: Run;
}

const LABELS: Readonly<Partial<Record<RunVerb, string>>> = {
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel the run',
  retry: 'Retry failed only',
  run_again: 'Run again',
};

/** The buttons that the state offers; those that the person may not use say why. */
export function RunVerbs({ run }: RunProps) {
  const { role } = useMe();
  const unlessBlocked = useUnlessBlocked();
  const [asked, setAsked] = useState<'cancel' | 'retry' | null>(null);
  const { pause, resume } = useRest(run);
  const runAgain = useRunAgain(run);
  const acts: Partial<Record<RunVerb, () => void>> = {
    pause,
    resume,
    cancel: () => setAsked('cancel'),
    retry: () => setAsked('retry'),
    run_again: runAgain,
  };
  const close = (): void => setAsked(null);
  return (
    <>
      {runVerbs(run.state).map((verb) => {
        const act = acts[verb];
        if (!act) return null;
        return (
          <VerbButton key={verb} allowed={unlessBlocked(allowedFor(run, verb, role))} onClick={act}>
            {LABELS[verb]}
          </VerbButton>
        );
      })}
      <CancelDialog run={run} opened={asked === 'cancel'} onClose={close} />
      <RetryDialog run={run} opened={asked === 'retry'} onClose={close} />
    </>
  );
}

/** What the server says about the verb; our own table for those that it does not know. */
function allowedFor({ allowed, state }: Run, verb: RunVerb, role: string): Permission {
  const known: Partial<Record<RunVerb, Permission>> = allowed;
  return known[verb] ?? mayUse(verb, state, role);
}

/** Tier 0: done at once, with the way back for 8 s. */
function useRest({ id }: Run) {
  const show = useShowRun();
  const path = { path: { id }, throwOnError: true } as const;
  const pause = useMutation({
    mutationFn: async () => (await pauseRun(path)).data,
    onSuccess: (run) => {
      show(run);
      toastUndo({ title: `Run ${id} pauses after the chunk under way`, onUndo: () => resume.mutate() });
    },
    onError: (error) => toastFailed(`Run ${id} was not paused`, error.message),
  });
  const resume = useMutation({
    mutationFn: async () => (await resumeRun(path)).data,
    onSuccess: (run) => {
      show(run);
      toastUndo({ title: `Run ${id} goes on`, onUndo: () => pause.mutate() });
    },
    onError: (error) => toastFailed(`Run ${id} was not resumed`, error.message),
  });
  return { pause: () => pause.mutate(), resume: () => resume.mutate() };
}

function useRunAgain({ dataSets, mode }: Run): () => void {
  const navigate = useNavigate();
  return () => void navigate({ to: '/sync/new', search: { dataSet: dataSets, mode } });
}

interface DialogProps extends RunProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

function CancelDialog({ run, opened, onClose }: DialogProps) {
  const show = useShowRun();
  const cancel = async (): Promise<void> => {
    const { data } = await cancelRun({ path: { id: run.id }, throwOnError: true });
    show(data);
    toastDone({ title: `Run ${run.id} is being cancelled` });
  };
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      tier={1}
      asksReason={false}
      title={`Cancel run ${run.id}?`}
      confirmLabel="Cancel the run"
      keepLabel="Keep it going"
      blockedReason={useWriteBlock()}
      commandLine={curlLine(`/runs/${run.id}/cancel`)}
      onConfirm={cancel}
    >
      <Text>{appliedWords(run)} are already applied and stay; the rest is not touched. It cannot be resumed.</Text>
    </ConfirmDialog>
  );
}

function appliedWords({ progress: { rowsApplied, rowsTotal } }: Run): string {
  if (rowsTotal === null) return formatRows(rowsApplied);
  return `${formatCount(rowsApplied)} of ${formatRows(rowsTotal)}`;
}

function RetryDialog({ run, opened, onClose }: DialogProps) {
  const show = useShowRun();
  const navigate = useNavigate();
  const retry = async ({ idempotencyKey }: Confirmation): Promise<void> => {
    const { data } = await retryRun({
      path: { id: run.id },
      headers: { 'Idempotency-Key': idempotencyKey },
      throwOnError: true,
    });
    show(data);
    toastDone({ title: `Run ${data.id} tries again what failed in run ${run.id}` });
    void navigate({ to: '/runs/$id', params: { id: data.id } });
  };
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      tier={1}
      asksReason={false}
      title={`Retry what failed in run ${run.id}?`}
      confirmLabel="Start a run of what failed"
      keepLabel="Leave it"
      blockedReason={useWriteBlock()}
      commandLine={({ idempotencyKey }) => curlLine(`/runs/${run.id}/retry`, idempotencyKey)}
      onConfirm={retry}
    >
      <Text>
        What run {run.id} has applied stays. A new run takes only what failed: {formatRows(run.progress.errors)} with an
        error, and the data sets that did not succeed.
      </Text>
    </ConfirmDialog>
  );
}

function curlLine(path: string, idempotencyKey?: string): string {
  const key = idempotencyKey === undefined ? '' : ` -H "Idempotency-Key: ${idempotencyKey}"`;
  return `curl -X POST -H "Authorization: Bearer $TOKEN"${key} ${window.location.origin}/api/v1${path}`;
}
