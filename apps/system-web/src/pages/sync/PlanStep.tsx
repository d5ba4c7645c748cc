import { useState } from 'react';
import { Alert, Button, Group, Radio, Stack, Text } from '@mantine/core';
import { Controller } from 'react-hook-form';
import { FailedState, formatAge, TextLink, TextWithTimes, useNow, VerbButton } from '@astro/web-ui';
import { useMayOperate } from '../../features/runs/may-operate.js';
import { MODE_WORDS, scopeWords } from '../../features/runs/run-words.js';
import { getRunPreviewOptions } from '../../generated/@tanstack/react-query.gen.js';
import { type Preview } from '../../generated/index.js';
import { problemTextOf } from '../../shared/api-error.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { QueryView } from '../../shared/QueryView.js';
import { readyAtMs, whyNoStart } from './plan-facts.js';
import { PlanFigures } from './PlanFigures.js';
import { Planning } from './Planning.js';
import { type SyncFormProps } from './ScopeStep.js';
import { StartDialog } from './StartDialog.js';
import { usePlan } from './use-plan.js';

interface PlanStepProps extends SyncFormProps {
  readonly previewId: string;
  readonly onBack: () => void;
  readonly confirming: { readonly opened: boolean; readonly set: (opened: boolean) => void };
}

/** What the run would do, as the server counted it. */
export function PlanStep(props: PlanStepProps) {
  const query = useLiveQuery(
    getRunPreviewOptions({ path: { id: props.previewId } }),
    ({ state }) => state === 'planning',
  );
  return (
    <QueryView query={query} loadingLabel="Loading the plan">
      {(preview) => <Plan {...props} preview={preview} readyMs={readyAtMs(preview, query.dataUpdatedAt)} />}
    </QueryView>
  );
}

interface PlanProps extends PlanStepProps {
  readonly preview: Preview;
  readonly readyMs: number | null;
}

function Plan(props: PlanProps) {
  const { preview, readyMs, form, confirming } = props;
  const [failure, setFailure] = useState<unknown>(null);
  return (
    <Stack>
      <PlanHead preview={preview} readyMs={readyMs} />
      {failure !== null && !confirming.opened && <FailedState problem={problemTextOf(failure)} />}
      {preview.state === 'planning' ? <Planning preview={preview} /> : <PlanFigures preview={preview} />}
      <Conflicts preview={preview} />
      <WhenBusy form={form} />
      <Buttons {...props} />
      <StartDialog
        preview={preview}
        readyMs={readyMs}
        form={form}
        opened={confirming.opened}
        onClose={() => confirming.set(false)}
        onFailure={setFailure}
      />
    </Stack>
  );
}

function PlanHead({ preview, readyMs }: Pick<PlanProps, 'preview' | 'readyMs'>) {
  const { mode, dataSets, id, state } = preview;
  const nowMs = useNow();
  const age = readyMs === null ? '' : ` · counted ${formatAge(nowMs - readyMs)} ago`;
  const reason = state === 'planning' ? null : whyNoStart(preview, { nowMs, readyMs });
  return (
    <>
      <Text>
        Plan {id}: {MODE_WORDS[mode].name} of {scopeWords(dataSets)}
        {age}
      </Text>
      {reason !== null && (
        <Alert color="yellow" variant="light" title="This plan cannot be started">
          {reason}{' '}
          {preview.usedBy !== null && <TextLink href={`/runs/${preview.usedBy}`}>Open run {preview.usedBy}</TextLink>}
        </Alert>
      )}
    </>
  );
}

/** What would meet the run. */
function Conflicts({ preview: { conflicts } }: Pick<PlanProps, 'preview'>) {
  if (conflicts.length === 0) return null;
  return (
    <Alert color="yellow" variant="light" title="Something would meet this run">
      <ul>
        {conflicts.map(({ kind, dataSet, runId, detail }) => (
          <li key={`${kind} ${dataSet} ${runId ?? ''}`}>
            {dataSet}: <TextWithTimes text={detail} />{' '}
            {runId !== null && <TextLink href={`/runs/${runId}`}>Open run {runId}</TextLink>}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

function WhenBusy({ form }: SyncFormProps) {
  return (
    <Controller
      control={form.control}
      name="whenBusy"
      render={({ field: { ref, ...field }, fieldState }) => (
        <Radio.Group label="When a data set already has a run" {...field} error={fieldState.error?.message}>
          <Radio ref={ref} value="refuse" label="Do not start" mt="xs" />
          <Radio value="queue" label="Wait behind it" mt="xs" />
        </Radio.Group>
      )}
    />
  );
}

function Buttons({ preview, readyMs, onBack, confirming, form }: PlanProps) {
  const mayOperate = useMayOperate();
  const nowMs = useNow();
  const reason = whyNoStart(preview, { nowMs, readyMs });
  const { plan, isPending, error } = usePlan();
  const { all } = form.getValues();
  const { dataSets, mode, options } = preview;
  const planAgain = (): void => {
    // The failure is shown below; there is nothing else to do about it here.
    plan({ datasets: all ? 'all' : dataSets, mode, options }).catch(() => undefined);
  };
  return (
    <>
      {error && <FailedState problem={problemTextOf(error)} />}
      <Group>
        <Button variant="default" onClick={onBack}>
          Back to the scope
        </Button>
        <VerbButton allowed={mayOperate} loading={isPending} onClick={planAgain}>
          Plan again
        </VerbButton>
        <VerbButton
          allowed={mayOperate.ok && reason !== null ? { ok: false, reason } : mayOperate}
          variant="filled"
          onClick={() => confirming.set(true)}
        >
          Start the run
        </VerbButton>
      </Group>
    </>
  );
}
