import { useState } from 'react';
import { type NewUser, type Role } from '@astro/contracts';
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from 'react-hook-form';
import { FailedState } from '@astro/web-ui';
import { createUser } from '../../generated/index.js';
import { problemTextOf } from '../../shared/api-error.js';
import { useWriteBlock } from '../../shared/connection.js';
import { setFieldErrors } from '../../shared/field-errors.js';
import { type Secret } from '../../shared/SecretDialog.js';
import { RoleChoice } from './RoleChoice.js';
import { passwordSecret } from './UserActDialog.js';

interface AddPersonProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
  readonly onSecret: (secret: Secret) => void;
}

/** A new person; the server makes the first password. */
export function AddPerson({ opened, onClose, ...rest }: AddPersonProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Add a person"
      size="lg"
      centered
      closeButtonProps={{ 'aria-label': 'Close the dialog' }}
    >
      <PersonForm onClose={onClose} {...rest} />
    </Modal>
  );
}

function PersonForm(props: Omit<AddPersonProps, 'opened'>) {
  const { form, role, setRole, failure, submit } = usePersonForm(props);
  const { errors, isSubmitting } = form.formState;
  const block = useWriteBlock();
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        {failure !== null && <FailedState problem={problemTextOf(failure)} />}
        <TextInput
          label="Name"
          error={errors.name?.message}
          {...form.register('name', { required: 'Enter the name.' })}
        />
        <TextInput
          label="E-mail address"
          type="email"
          autoComplete="off"
          error={errors.email?.message}
          {...form.register('email', { required: 'Enter the e-mail address.' })}
        />
        <RoleChoice value={role} onChange={setRole} />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isSubmitting} disabled={block !== null} title={block ?? undefined}>
            Add the person
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type Fields = Pick<NewUser, 'name' | 'email'>;

function usePersonForm({ onClose, onDone, onSecret }: Omit<AddPersonProps, 'opened'>) {
  const [failure, setFailure] = useState<unknown>(null);
  const [role, setRole] = useState<Role>('viewer');
  const form = useForm<Fields>({ defaultValues: { name: '', email: '' } });
  const submit = form.handleSubmit(async (fields) => {
    setFailure(null);
    try {
      const { data } = await createUser({ body: { ...fields, role }, throwOnError: true });
      const secret = passwordSecret(`${data.user.name} is added`, data.password);
      onClose();
      if (secret) onSecret(secret);
      await onDone();
    } catch (error) {
      if (!setFieldErrors<Fields>(error, ['name', 'email'], form.setError)) setFailure(error);
    }
  });
  return { form, role, setRole, failure, submit };
}
