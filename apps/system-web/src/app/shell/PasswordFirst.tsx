import { lazy, Suspense, useEffect } from 'react';
import { Alert, Button, Container, Stack, Title } from '@mantine/core';
import { Navigate, useLocation } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { Bars, LoadingState } from '@astro/web-ui';
import { getMe } from '../../features/session/session-api.js';
import { useSession } from '../../features/session/session-context.js';

const PasswordForm = lazy(async () => ({ default: (await import('../../pages/me/PasswordForm.js')).PasswordForm }));
const ME = '/me';
const LOOK_AGAIN_MS = 5_000;

/**
 * Instead of every page while the person must change a password that somebody else set: the server refuses everything
 * else until then.
 */
export function PasswordFirst() {
  const session = useSession();
  const { pathname } = useLocation();
  const lookAgain = usePasswordChanged();
  if (pathname !== ME) return <Navigate to={ME} replace />;
  return (
    <Container size="xs" py="xl" component="main" id="main">
      <Stack>
        <Title order={1}>Choose your own password first</Title>
        <Alert color="yellow" variant="light" role="status" title="Your password must be changed">
          Until then nothing else is open to you. You find the rest as soon as it is done.
        </Alert>
        <Suspense fallback={<FormLoading />}>
          <PasswordForm onChanged={lookAgain} />
        </Suspense>
        <Button variant="subtle" onClick={() => void session.signOut()}>
          Sign out
        </Button>
      </Stack>
    </Container>
  );
}

/** Looks until the server says that it is done, also when that was in another window. @returns looks at once */
function usePasswordChanged(): () => void {
  const session = useSession();
  const query = { queryKey: ['password-changed'], queryFn: getMe, refetchInterval: LOOK_AGAIN_MS };
  // Not kept: should it have to be changed once more, the answer of the time before would be wrong.
  const { data, refetch } = useQuery({ ...query, gcTime: 0 });
  useEffect(() => {
    if (data && !data.mustChangePassword) session.setMe(data);
  }, [data, session]);
  return () => void refetch();
}

function FormLoading() {
  return (
    <LoadingState label="Loading the form">
      <Bars count={3} height={48} />
    </LoadingState>
  );
}
