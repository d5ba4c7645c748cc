import { ActionIcon, Button, Popover, Stack, Text } from '@mantine/core';
import { TextLink } from '@astro/web-ui';
import { useMe, useSession } from '../../features/session/session-context.js';
import { IconUserCircle } from '../../shared/icons.js';
import { ThemeSwitch } from './ThemeSwitch.js';
import { TimeSwitch } from './TimeSwitch.js';

/** Who is signed in with which role, the way to Me, and out. */
export function UserMenu({ hasSwitches }: { readonly hasSwitches: boolean }) {
  const session = useSession();
  const { name, email, role } = useMe();
  return (
    <Popover position="bottom-end" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="default" size="lg" aria-label={`You: ${name}, ${role}`}>
          <IconUserCircle size={18} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label="You">
        <Stack gap="sm">
          <div>
            <Text fw={600}>{name}</Text>
            <Text size="sm">{email}</Text>
            <Text size="sm">Role: {role}</Text>
          </div>
          {hasSwitches && <TimeSwitch />}
          {hasSwitches && <ThemeSwitch />}
          <TextLink href="/me">Me: preferences and sessions</TextLink>
          <Button variant="default" onClick={() => void session.signOut()}>
            Sign out
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
