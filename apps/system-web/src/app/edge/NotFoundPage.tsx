import { Stack, Text } from '@mantine/core';
import { TextLink } from '@astro/web-ui';
import { useMeOrNull } from '../../features/session/session-context.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { pagesFor } from '../pages.js';

/** There is nothing at this address: where the person can go instead. */
export function NotFoundPage() {
  const me = useMeOrNull();
  const pages = me ? pagesFor(me.role).filter(({ group }) => group) : [];
  return (
    <Stack>
      <PageHeader title="Not found" />
      <Text>
        There is nothing at <bdi className="value">{window.location.pathname}</bdi>. The address may be wrong, or what
        was here is gone.
      </Text>
      <ul>
        {pages.map(({ path, label }) => (
          <li key={path}>
            <TextLink href={path}>{label}</TextLink>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
