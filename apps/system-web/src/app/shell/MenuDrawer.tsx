import { Drawer } from '@mantine/core';
import { SideMenu } from './SideMenu.js';

interface MenuDrawerProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** The menu on a narrow screen. */
export function MenuDrawer({ opened, onClose }: MenuDrawerProps) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      title="Pages"
      size="17rem"
      closeButtonProps={{ 'aria-label': 'Close the menu' }}
    >
      <SideMenu isIconsOnly={false} />
    </Drawer>
  );
}
