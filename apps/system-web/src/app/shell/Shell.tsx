import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Stack } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { useMe } from '../../features/session/session-context.js';
import { clearIgnored } from '../../shared/ignored-filters.js';
import { useViewWidth } from '../../shared/use-view-width.js';
import { DownBanner } from './DownBanner.js';
import { FrozenNote, IgnoredNote } from './Notes.js';
import { Header } from './Header.js';
import { HelpDialog } from './HelpDialog.js';
import { MenuDrawer } from './MenuDrawer.js';
import { Palette } from './Palette.js';
import { PasswordFirst } from './PasswordFirst.js';
import { SideMenu } from './SideMenu.js';
import { useKeptFocus } from './use-kept-focus.js';
import { useShortcuts } from './use-shortcuts.js';

interface ShellProps {
  readonly children: ReactNode;
}

/** What stands around every page; who must change their password first sees no page before. */
export function Shell({ children }: ShellProps) {
  return useMe().mustChangePassword ? <PasswordFirst /> : <FullShell>{children}</FullShell>;
}

/** Header, menu, banners, one main landmark. */
function FullShell({ children }: ShellProps) {
  const width = useViewWidth();
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const showHelp = (): void => setIsHelpOpen(true);
  useShortcuts({ showHelp });
  useKeptFocus();
  useFocusOnNavigation(() => setIsMenuOpen(false));
  return (
    <div className="shell" data-width={width}>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <Header width={width} onMenu={() => setIsMenuOpen(true)} onHelp={showHelp} />
      <div className="shell-body">
        {width === 'narrow' ? (
          <MenuDrawer opened={isMenuOpen} onClose={() => setIsMenuOpen(false)} />
        ) : (
          <SideMenu isIconsOnly={width === 'middle'} />
        )}
        <main id="main" tabIndex={-1} className="main">
          <Stack gap="md">
            <DownBanner />
            <FrozenNote />
            <IgnoredNote />
            {children}
          </Stack>
        </main>
      </div>
      <Palette />
      <HelpDialog opened={isHelpOpen} onClose={() => setIsHelpOpen(false)} />
    </div>
  );
}

/** After going to another page the keyboard starts at its content, as after loading one. */
function useFocusOnNavigation(onNavigation: () => void): void {
  const { pathname } = useLocation();
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current === pathname) return;
    last.current = pathname;
    clearIgnored();
    onNavigation();
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [pathname, onNavigation]);
}
