import { type Role } from '@astro/contracts';
import { Alert, Stack, Text } from '@mantine/core';
import { TextLink } from '@astro/web-ui';
import { useMe } from '../../features/session/session-context.js';
import { IconLock } from '../../shared/icons.js';
import { PageHeader } from '../../shared/PageHeader.js';

interface ForbiddenPageProps {
  readonly page: string;
  readonly roles: readonly Role[];
}

/** The page exists, but not for this role: which one it needs, and whom to ask. */
export function ForbiddenPage({ page, roles }: ForbiddenPageProps) {
  const { role } = useMe();
  return (
    <Stack>
      <PageHeader title={page} />
      <Alert color="gray" variant="light" icon={<IconLock aria-hidden />} title="Your role may not open this page">
        <Text size="sm">
          You are {role}; this page is for {roles.join(' and ')}. An administrator can give you another role.
        </Text>
      </Alert>
      <TextLink href="/">Go to the Overview</TextLink>
    </Stack>
  );
}
