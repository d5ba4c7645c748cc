import { Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useWatch } from 'react-hook-form';
import { type Confirmation, ConfirmDialog, type ConfirmTier, useNow } from '@astro/web-ui';
import { useShowRun } from '../../features/runs/run-query.js';
import { durationWords, MODE_WORDS, scopeWords } from '../../features/runs/run-words.js';
import { type Preview, startRun, type StartRunInput } from '../../generated/index.js';
import { ApiError } from '../../shared/api-error.js';
import { useWriteBlock } from '../../shared/connection.js';
import { toastDone } from '../../shared/toast.js';
import { KIND_WORDS, KINDS, tierOf, totalOf, whyNoStart } from './plan-facts.js';
import { figure } from './PlanFigures.js';
import { type SyncFormProps } from './ScopeStep.js';

interface StartDialogProps extends SyncFormProps {
  readonly preview: Preview;
  readonly readyMs: number | null;
  readonly opened: boolean;
  readonly onClose: () => void;
  /** Told why the start failed, and `null` before each try. */
  readonly onFailure: (error: unknown) => void;
}

const CONSEQUENCE: Readonly<Record<ConfirmTier, string>> = {
  1: 'It writes only what is pending, or nothing at all.',
  2: 'It changes data in the target. It stops by itself when reality leaves these numbers by too much.',
  3: 'It removes a large share of the target, and what is removed there is gone. Read the numbers once more.',
};

/** The third step. The run that starts must keep to the plan. */
export function StartDialog(props: StartDialogProps) {
  const { preview, readyMs, opened, onClose, form } = props;
  const whenBusy = useWatch({ control: form.control, name: 'whenBusy' });
  const body = bodyOf(preview, whenBusy);
  const start = useStart(props, body);
  const nowMs = useNow();
  const block = useWriteBlock();
  const tier = tierOf(preview);
  const counts = KINDS.map((kind) => ({ name: KIND_WORDS[kind], value: figure(totalOf(preview, kind)) }));
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      tier={tier}
      title={`Start ${MODE_WORDS[preview.mode].name.toLowerCase()} of ${scopeWords(preview.dataSets)}?`}
      confirmLabel="Start the run"
      keepLabel="Do not start"
      blockedReason={block ?? whyNoStart(preview, { nowMs, readyMs })}
      {...(readyMs !== null && {
        numbers: {
          at: new Date(readyMs).toISOString(),
          items: [...counts, { name: 'Time', value: durationWords(preview.duration) }],
        },
      })}
      {...(preview.confirmation !== null && { nameToType: preview.confirmation })}
      commandLine={(confirmation) => commandLine(withReason(body, confirmation), confirmation.idempotencyKey)}
      onConfirm={start}
    >
      <Text>{CONSEQUENCE[tier]}</Text>
      {preview.confirmationReason !== null && <Text mt="xs">{preview.confirmationReason}</Text>}
    </ConfirmDialog>
  );
}

/** The scope is that of the plan, so that the server finds the same. */
function bodyOf({ id, dataSets, mode, options, confirmation }: Preview, whenBusy: 'refuse' | 'queue'): StartRunInput {
  const scope = { datasets: dataSets, mode, options, whenBusy, previewId: id };
  return { ...scope, ...(confirmation !== null && { confirmation }) };
}

function withReason(body: StartRunInput, { reason }: Confirmation): StartRunInput {
  return reason === '' ? body : { ...body, reason };
}

function useStart({ form, onFailure }: StartDialogProps, body: StartRunInput) {
  const navigate = useNavigate();
  const show = useShowRun();
  return async (confirmation: Confirmation): Promise<void> => {
    onFailure(null);
    form.clearErrors('whenBusy');
    try {
      const headers = { 'Idempotency-Key': confirmation.idempotencyKey };
      const { data } = await startRun({ body: withReason(body, confirmation), headers, throwOnError: true });
      show(data);
      toastDone({ title: `Run ${data.id} is started` });
      void navigate({ to: '/runs/$id', params: { id: data.id } });
    } catch (error) {
      onFailure(error);
      if (error instanceof ApiError && error.code === 'DATA_SET_BUSY') {
        form.setError('whenBusy', { type: 'server', message: error.errors.map(({ detail }) => detail).join(' ') });
      }
      throw error;
    }
  };
}

function commandLine(body: StartRunInput, idempotencyKey: string): string {
  const json = JSON.stringify(body).replaceAll("'", String.raw`'\''`);
  const headers = [
    '-H "Authorization: Bearer $TOKEN"',
    '-H "Content-Type: application/json"',
    `-H "Idempotency-Key: ${idempotencyKey}"`,
  ];
  return `curl -X POST ${headers.join(' ')} -d '${json}' ${window.location.origin}/api/v1/runs`;
}
