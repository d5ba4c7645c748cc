import { useState } from 'react';
import { PASSWORD_MAX, PASSWORD_MIN, type PasswordChange } from '@astro/contracts';
import { Alert, Button, PasswordInput, Stack } from '@mantine/core';
import { useForm } from 'react-hook-form';
import { FailedState } from '@astro/web-ui';
import { useMe } from '../../features/session/session-context.js';
import { changeMyPassword } from '../../generated/index.js';
import { problemTextOf } from '../../shared/api-error.js';
import { useWriteBlock } from '../../shared/connection.js';
import { setFieldErrors } from '../../shared/field-errors.js';
import { toastDone } from '../../shared/toast.js';
import { Block } from './Block.js';

const EMPTY: PasswordChange = { currentPassword: '', newPassword: '' };
const SHOW = { 'aria-label': 'Show the password', tabIndex: 0 };
const RULES = {
  required: 'Enter a new password.',
  minLength: { value: PASSWORD_MIN, message: `It needs at least ${PASSWORD_MIN} characters.` },
  maxLength: { value: PASSWORD_MAX, message: `It may have at most ${PASSWORD_MAX} characters.` },
};

interface PasswordFormProps {
  readonly onChanged?: () => void;
}

/** Changing it ends every other session of the person. */
export function PasswordForm({ onChanged }: PasswordFormProps) {
  const { email, mustChangePassword } = useMe();
  const { form, failure, submit } = usePasswordForm(onChanged);
  const { errors, isSubmitting } = form.formState;
  const block = useWriteBlock();
  return (
    <Block title="Password">
      {mustChangePassword && (
        <Alert color="yellow" variant="light" title="Somebody else knows this password">
          It was set for you. Choose one that only you know.
        </Alert>
      )}
      <form onSubmit={(event) => void submit(event)} noValidate method="post">
        <Stack>
          {failure !== null && <FailedState problem={problemTextOf(failure)} />}
          <input type="hidden" autoComplete="username" value={email} readOnly />
          <PasswordInput
            label="Present password"
            autoComplete="current-password"
            visibilityToggleButtonProps={SHOW}
            error={errors.currentPassword?.message}
            {...form.register('currentPassword', { required: 'Enter your present password.' })}
          />
          <PasswordInput
            label="New password"
            description={`At least ${PASSWORD_MIN} characters; 15 or more are better. Your other sessions end.`}
            autoComplete="new-password"
            visibilityToggleButtonProps={SHOW}
            error={errors.newPassword?.message}
            {...form.register('newPassword', RULES)}
          />
          <Button type="submit" loading={isSubmitting} disabled={block !== null} title={block ?? undefined}>
            Change the password
          </Button>
        </Stack>
      </form>
    </Block>
  );
}

function usePasswordForm(onChanged?: () => void) {
  const [failure, setFailure] = useState<unknown>(null);
  const form = useForm<PasswordChange>({ defaultValues: EMPTY });
  const submit = form.handleSubmit(async (body) => {
    setFailure(null);
    try {
      await changeMyPassword({ body, throwOnError: true });
      form.reset();
      onChanged?.();
      toastDone({ title: 'Your password is changed', text: 'Your other sessions have ended.' });
    } catch (error) {
      if (!setFieldErrors<PasswordChange>(error, ['currentPassword', 'newPassword'], form.setError)) setFailure(error);
    }
  });
  return { form, failure, submit };
}
