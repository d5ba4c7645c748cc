import { useState } from 'react';
import { API_KEY_MAX_DAYS, type Scope, SCOPES } from '@astro/contracts';
import { Button, Checkbox, Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core';
import { Controller, useForm } from 'react-hook-form';
import { FailedState } from '@astro/web-ui';
import { createApiKey } from '../../generated/index.js';
import { problemTextOf } from '../../shared/api-error.js';
import { useWriteBlock } from '../../shared/connection.js';
import { setFieldErrors } from '../../shared/field-errors.js';
import { type Secret } from '../../shared/SecretDialog.js';

const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  read: 'Read data sets, runs and changes, and explain values',
  sync: 'Start and steer runs, and change schedules',
  audit: 'Read and export the audit trail',
  metrics: 'Read the metrics',
};

interface Fields {
  name: string;
  scopes: Scope[];
  expiresInDays: number;
}

const EMPTY: Fields = { name: '', scopes: ['read'], expiresInDays: 90 };

interface NewKeyProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
  readonly onSecret: (secret: Secret) => void;
}

/** Makes an API key; it is told once, when the server has made it. */
export function NewKey({ opened, onClose, ...rest }: NewKeyProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Make an API key"
      size="lg"
      centered
      closeButtonProps={{ 'aria-label': 'Close the dialog' }}
    >
      <KeyForm onClose={onClose} {...rest} />
    </Modal>
  );
}

function KeyForm(props: Omit<NewKeyProps, 'opened'>) {
  const { form, failure, submit } = useKeyForm(props);
  const { errors, isSubmitting } = form.formState;
  const block = useWriteBlock();
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        {failure !== null && <FailedState problem={problemTextOf(failure)} />}
        <TextInput
          label="Name"
          description="Of the program that uses it"
          error={errors.name?.message}
          {...form.register('name', { required: 'Enter a name.' })}
        />
        <ScopeField form={form} />
        <DaysField form={form} />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isSubmitting} disabled={block !== null} title={block ?? undefined}>
            Make the key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FieldProps {
  readonly form: ReturnType<typeof useForm<Fields>>;
}

function ScopeField({ form: { control } }: FieldProps) {
  return (
    <Controller
      control={control}
      name="scopes"
      rules={{ validate: (scopes) => scopes.length > 0 || 'Choose at least one.' }}
      render={({ field: { value, onChange }, fieldState: { error } }) => (
        <Checkbox.Group label="What it may do" value={value} onChange={onChange} error={error?.message}>
          <Stack gap="xs" mt="xs">
            {SCOPES.map((scope) => (
              <Checkbox key={scope} value={scope} label={scope} description={SCOPE_WORDS[scope]} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
    />
  );
}

function DaysField({ form: { control } }: FieldProps) {
  const range = `A whole number from 1 to ${API_KEY_MAX_DAYS}.`;
  const isDays = (days: unknown): boolean =>
    typeof days === 'number' && Number.isInteger(days) && days >= 1 && days <= API_KEY_MAX_DAYS;
  return (
    <Controller
      control={control}
      name="expiresInDays"
      rules={{ validate: (days) => isDays(days) || range }}
      render={({ field: { value, onChange, onBlur }, fieldState: { error } }) => (
        <NumberInput
          label="Days until it ends"
          description={range}
          value={value}
          onChange={onChange}
          onBlur={onBlur}
          error={error?.message}
        />
      )}
    />
  );
}

function useKeyForm({ onClose, onDone, onSecret }: Omit<NewKeyProps, 'opened'>) {
  const [failure, setFailure] = useState<unknown>(null);
  const form = useForm<Fields>({ defaultValues: EMPTY });
  const submit = form.handleSubmit(async (body) => {
    setFailure(null);
    try {
      const { data } = await createApiKey({ body, throwOnError: true });
      onClose();
      onSecret({
        title: `The API key ${data.apiKey.name} is made`,
        what: 'API key',
        value: data.secret,
        advice: 'Put it where the program keeps its secrets; it sends it in the header X-Api-Key.',
      });
      await onDone();
    } catch (error) {
      if (!setFieldErrors<Fields>(error, ['name', 'scopes', 'expiresInDays'], form.setError)) setFailure(error);
    }
  });
  return { form, failure, submit };
}
