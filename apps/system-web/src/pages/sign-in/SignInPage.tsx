import { type ReactNode, useEffect } from 'react';
import { Container, Paper, Stack, Text } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useMeOrNull } from '../../features/session/session-context.js';
import { SignInForm } from '../../features/session/SignInForm.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { safeNext } from './safe-next.js';

const route = getRouteApi('/sign-in');

/** The way in; afterwards the person is where they wanted to go. */
export function SignInPage(): ReactNode {
  const { next } = route.useSearch();
  if (useMeOrNull()) return <GoOn href={safeNext(next)} />;
  return (
    <Container size={420} pt="min(16vh, 8rem)" pb="xl" component="main" id="main">
      <Paper withBorder p="lg">
        <Stack>
          <PageHeader title="Sign in">AstroBookings data synchronization</PageHeader>
          <SignInForm>
            <Text size="sm" c="dimmed">
              No account, or the password is lost? An administrator can help under People.
            </Text>
          </SignInForm>
        </Stack>
      </Paper>
    </Container>
  );
}

/** A wanted address may be anything inside the app, with its search: more than a typed link can say. */
function GoOn({ href }: { readonly href: string }): ReactNode {
  const { history } = useRouter();
  useEffect(() => history.replace(href), [history, href]);
  return null;
}
