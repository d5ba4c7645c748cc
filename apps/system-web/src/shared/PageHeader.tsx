import { type ReactNode, useEffect } from 'react';
import { Group, Text, Title } from '@mantine/core';

const PRODUCT = 'AstroBookings synchronization';

interface PageHeaderProps {
  readonly title: string;
  /** For the tab of the browser when it should say more than the heading: "Run 12 · 37 %". */
  readonly tabTitle?: string;
  /** One sentence under the heading. */
  readonly children?: ReactNode;
  /** Buttons at the right. */
  readonly actions?: ReactNode;
}

/** The one first heading of a page; it names the tab of the browser too. */
export function PageHeader({ title, tabTitle = title, children, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${tabTitle} · ${PRODUCT}`;
  }, [tabTitle]);
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <div>
        <Title order={1} size="h2">
          {title}
        </Title>
        {children && (
          <Text size="sm" c="dimmed" component="div">
            {children}
          </Text>
        )}
      </div>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
