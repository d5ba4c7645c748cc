import { Container } from '@mantine/core';
import { Bars, FailedState, LoadingState } from '@astro/web-ui';
import { useSession } from '../../features/session/session-context.js';
import { problemTextOf } from '../../shared/api-error.js';

/** While an earlier session is taken up. */
export function StartingPage() {
  return (
    <Container size="sm" py="xl" component="main">
      <LoadingState label="Loading">
        <Bars count={3} height={48} />
      </LoadingState>
    </Container>
  );
}

/** Nobody knows whether somebody is signed in, because the server does not answer. */
export function UnreachablePage({ error }: { readonly error: Error }) {
  const session = useSession();
  return (
    <Container size="sm" py="xl" component="main">
      <FailedState problem={{ ...problemTextOf(error), advice: undefined }} onRetry={() => void session.start()} />
    </Container>
  );
}
