import { type ReactNode } from 'react';
import { Alert, Text } from '@mantine/core';
import { FailedState, formatDuration, useNow } from '@astro/web-ui';
import { ApiError, problemTextOf } from '../../shared/api-error.js';

export interface SignInFailure {
  readonly error: unknown;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

const TOO_MANY = 429;
const WRONG = 401;

/** Seconds until the next try is accepted; 0 when it is now. */
export function useWait(failure: SignInFailure | null): number {
  const nowMs = useNow();
  const error = failure?.error;
  if (!failure || !(error instanceof ApiError) || error.status !== TOO_MANY) return 0;
  return Math.max(0, Math.ceil((error.retryAfterS ?? 0) - (nowMs - failure.atMs) / 1000));
}

/** Why signing in did not work. Wrong and unknown look the same; a lock says how long it lasts. */
export function SignInProblem({
  failure: { error },
  waitS,
}: {
  readonly failure: SignInFailure;
  readonly waitS: number;
}) {
  const status = error instanceof ApiError ? error.status : undefined;
  if (status === WRONG) {
    return (
      <Notice title="That did not match">
        The e-mail address or the password is wrong. Nothing says which of them, on purpose.
      </Notice>
    );
  }
  if (status !== TOO_MANY) return <FailedState problem={{ ...problemTextOf(error), advice: undefined }} />;
  if (waitS === 0) return <Notice title="Too many tries">You can try again now.</Notice>;
  return <Notice title="Too many tries">You can try again in {formatDuration(waitS * 1000)}.</Notice>;
}

function Notice({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Alert color="red" variant="light" role="alert" title={title}>
      <Text size="sm">{children}</Text>
    </Alert>
  );
}
