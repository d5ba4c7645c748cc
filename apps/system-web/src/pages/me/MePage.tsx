import { SimpleGrid, Stack, Text } from '@mantine/core';
import { useMe } from '../../features/session/session-context.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { PasswordForm } from './PasswordForm.js';
import { PreferencesForm } from './PreferencesForm.js';
import { SessionsBlock } from './SessionsBlock.js';

/** One's own preferences, password and sessions. */
export function MePage() {
  const { name, email, role } = useMe();
  return (
    <Stack>
      <PageHeader title="Me">
        <Text size="sm">
          {name} · {email} · {role}
        </Text>
      </PageHeader>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <PreferencesForm />
        <PasswordForm />
      </SimpleGrid>
      <SessionsBlock />
    </Stack>
  );
}
