import { ActionIcon, Group, Text, Tooltip } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconHelp, IconMenu2, IconSearch } from '../../shared/icons.js';
import { type useViewWidth } from '../../shared/use-view-width.js';
import { EnvironmentStrip } from './EnvironmentStrip.js';
import { LiveDot } from './LiveDot.js';
import { RunningRuns } from './RunningRuns.js';
import { ThemeSwitch } from './ThemeSwitch.js';
import { TimeSwitch } from './TimeSwitch.js';
import { UserMenu } from './UserMenu.js';

interface HeaderProps {
  readonly width: ReturnType<typeof useViewWidth>;
  readonly onMenu: () => void;
  readonly onHelp: () => void;
}

/** The line at the top; what does not fit stands in the person's menu. */
export function Header({ width, onMenu, onHelp }: HeaderProps) {
  const isWide = width === 'wide';
  return (
    <header>
      <div className="header">
        <Group gap="xs" wrap="nowrap">
          {width === 'narrow' && (
            <ActionIcon variant="default" size="lg" aria-label="Open the menu" onClick={onMenu}>
              <IconMenu2 size={18} aria-hidden />
            </ActionIcon>
          )}
          <Text fw={600} className="product">
            AstroBookings{width === 'narrow' ? '' : ' synchronization'}
          </Text>
          <LiveDot isShort={width === 'narrow'} />
        </Group>
        <Group gap="xs" wrap="nowrap">
          <RunningRuns />
          {isWide && <TimeSwitch />}
          {isWide && <ThemeSwitch />}
          <Tooltip label="Search and commands">
            <ActionIcon variant="default" size="lg" aria-label="Search and commands" onClick={spotlight.open}>
              <IconSearch size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Help">
            <ActionIcon variant="default" size="lg" aria-label="Help" onClick={onHelp}>
              <IconHelp size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <UserMenu hasSwitches={!isWide} />
        </Group>
      </div>
      <EnvironmentStrip hostname={window.location.hostname} />
    </header>
  );
}
