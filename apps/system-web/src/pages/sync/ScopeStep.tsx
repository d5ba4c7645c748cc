import { RUN_MODES } from '@astro/contracts';
import { Button, Group, NumberInput, Radio, Stack } from '@mantine/core';
import { Controller, type UseFormReturn, useWatch } from 'react-hook-form';
import { FailedState } from '@astro/web-ui';
import { MODE_WORDS } from '../../features/runs/run-words.js';
import { problemTextOf } from '../../shared/api-error.js';
import { useWriteBlock } from '../../shared/connection.js';
import { DataSetChoice } from './DataSetChoice.js';
import { Narrowing } from './Narrowing.js';
import { setScopeErrors } from './sync-errors.js';
import { canNarrow, requestOf, type SyncValues } from './sync-form.js';
import { usePlan } from './use-plan.js';

export interface SyncFormProps {
  readonly form: UseFormReturn<SyncValues>;
}

const MAX_RATE = 10_000_000;

/** What to synchronize and how. */
export function ScopeStep({ form }: SyncFormProps) {
  const { plan, isPending, error } = usePlan();
  const block = useWriteBlock();
  const submit = form.handleSubmit(async (values) => {
    try {
      await plan(requestOf(values));
    } catch (refused) {
      setScopeErrors(refused, form.setError);
    }
  });
  // What the fields say already is not said twice.
  const isOnFields = Object.keys(form.formState.errors).length > 0;
  return (
    <form onSubmit={(event) => void submit(event)} noValidate method="post">
      <Stack>
        {error && !isOnFields && <FailedState problem={problemTextOf(error)} />}
        <DataSetChoice form={form} />
        <ModeChoice form={form} />
        <NarrowingOrNot form={form} />
        <RateField form={form} />
        <Group>
          <Button type="submit" loading={isPending} disabled={block !== null} title={block ?? undefined}>
            Make a plan
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function ModeChoice({ form }: SyncFormProps) {
  return (
    <Controller
      control={form.control}
      name="mode"
      render={({ field: { ref, ...field }, fieldState }) => (
        <Radio.Group label="Mode" {...field} error={fieldState.error?.message}>
          <Stack gap="xs" mt="xs">
            {RUN_MODES.map((mode, index) => (
              <Radio
                key={mode}
                value={mode}
                label={MODE_WORDS[mode].name}
                description={MODE_WORDS[mode].does}
                {...(index === 0 && { ref })}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
    />
  );
}

/** Only where the mode and the choice of data sets take it. */
function NarrowingOrNot({ form }: SyncFormProps) {
  const [all, dataSets, mode] = useWatch({ control: form.control, name: ['all', 'dataSets', 'mode'] });
  return canNarrow({ all, dataSets, mode }) ? <Narrowing form={form} dataSet={dataSets[0] ?? ''} /> : null;
}

function RateField({ form }: SyncFormProps) {
  return (
    <Controller
      control={form.control}
      name="rateLimit"
      rules={{ validate: (value) => isRate(value) || 'Enter whole rows per second from 1 to 10 000 000, or nothing.' }}
      render={({ field, fieldState }) => (
        <NumberInput
          label="Rate limit (optional)"
          description="Rows per second of each data set; it can be changed while the run goes on."
          hideControls
          {...field}
          error={fieldState.error?.message}
          maw={320}
        />
      )}
    />
  );
}

function isRate(value: string | number): boolean {
  if (value === '') return true;
  const rate = Number(value);
  return Number.isInteger(rate) && rate >= 1 && rate <= MAX_RATE;
}
