import { type ReactNode } from 'react';
import { Container, Group, Text } from '@mantine/core';
import { ThemeSwitch } from './ThemeSwitch.js';

/** What every page has: skip link, header, one main landmark. */
export function Shell({ children }: { readonly children: ReactNode }) {
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <header className="header">
        <Container size="lg" py="sm">
          <Group justify="space-between" gap="sm">
            <Text fw={600}>AstroBookings synchronization</Text>
            <ThemeSwitch />
          </Group>
        </Container>
      </header>
      <main id="main" tabIndex={-1}>
        <Container size="lg" py="lg">
          {children}
        </Container>
      </main>
    </>
  );
}
