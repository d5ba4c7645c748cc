import { type ReactNode, useId, useState } from 'react';
import { Button, Group, Paper, Title } from '@mantine/core';

/** How the inside of a frame is to be shown. */
export interface ChartView {
  readonly isTable: boolean;
  /** Id of the title, which names the drawing too. */
  readonly titleId: string;
}

interface ChartFrameProps {
  readonly title: string;
  /** Beside the title. */
  readonly tools?: ReactNode;
  /** There is something that a table can show. */
  readonly hasTable: boolean;
  readonly children: (view: ChartView) => ReactNode;
}

/** The card around a drawing, with its title and the switch to its numbers as a table. */
export function ChartFrame({ title, tools, hasTable, children }: ChartFrameProps) {
  const [isTable, setIsTable] = useState(false);
  const titleId = useId();
  return (
    <Paper component="section" withBorder p="md" aria-labelledby={titleId} className="chart-card">
      <Group justify="space-between" gap="sm" mb="xs" wrap="nowrap" align="flex-start">
        <Title order={3} size="h4" id={titleId}>
          {title}
        </Title>
        <Group gap="xs" wrap="nowrap">
          {tools}
          {hasTable && (
            <Button variant="default" size="compact-sm" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
              Table
            </Button>
          )}
        </Group>
      </Group>
      {children({ isTable, titleId })}
    </Paper>
  );
}
