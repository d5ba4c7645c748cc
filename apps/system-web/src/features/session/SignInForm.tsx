import { type ReactNode, useState } from 'react';
import { type SignIn } from '@astro/contracts';
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from 'react-hook-form';
import { useSession } from './session-context.js';
import { type SignInFailure, SignInProblem, useWait } from './SignInProblem.js';

interface SignInFormProps {
  /** The session has ended: only this person goes on. */
  readonly email?: string;
  /** Below the button. */
  readonly children?: ReactNode;
}

/** E-mail address and password, made for password managers and for pasting. */
export function SignInForm({ email, children }: SignInFormProps) {
  const { form, failure, waitS, submit } = useSignIn(email ?? '');
  const { errors, isSubmitting } = form.formState;
  return (
    <form onSubmit={(event) => void submit(event)} noValidate method="post">
      <Stack>
        {failure && <SignInProblem failure={failure} waitS={waitS} />}
        <TextInput
          label="E-mail address"
          type="email"
          autoComplete="username"
          autoFocus={email === undefined}
          readOnly={email !== undefined}
          error={errors.email?.message}
          {...form.register('email', { required: 'Enter your e-mail address.' })}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          autoFocus={email !== undefined}
          data-autofocus={email !== undefined || undefined}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password', tabIndex: 0 }}
          error={errors.password?.message}
          {...form.register('password', { required: 'Enter your password.' })}
        />
        <Button
          type="submit"
          loading={isSubmitting}
          {...(waitS > 0 && { 'aria-disabled': true, 'data-disabled': true })}
        >
          Sign in
        </Button>
        {children}
      </Stack>
    </form>
  );
}

function useSignIn(email: string) {
  const session = useSession();
  const [failure, setFailure] = useState<SignInFailure | null>(null);
  const form = useForm<SignIn>({ defaultValues: { email, password: '' } });
  const waitS = useWait(failure);
  const submit = form.handleSubmit(async (values) => {
    if (waitS > 0) return;
    try {
      await session.signIn(values);
    } catch (error) {
      setFailure(failureNow(error));
      form.setFocus('password', { shouldSelect: true });
    }
  });
  return { form, failure, waitS, submit };
}

function failureNow(error: unknown): SignInFailure {
  return { error, atMs: Date.now() };
}
