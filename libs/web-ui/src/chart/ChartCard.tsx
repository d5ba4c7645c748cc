import { lazy, Suspense, useId, useState } from 'react';
import { Button, Group, Paper, Skeleton, Text, Title } from '@mantine/core';
import { FailedState } from '../states/FailedState.js';
import { LoadingState } from '../states/Skeletons.js';
import { type ChartCardProps, type ChartPoint } from './chart-props.js';
import { ChartTable } from './ChartTable.js';
import { useChartCursor } from './use-chart-cursor.js';

/** The charting library is its own file, fetched when the first chart is shown. */
const ChartPlot = lazy(() => import('./ChartPlot.js'));
const HEIGHT_PX = 240;

/** A chart with its title, a description, the same numbers as a table, and its own loading, empty and failed state. */
export function ChartCard(props: ChartCardProps) {
  const [isTable, setIsTable] = useState(false);
  const titleId = useId();
  const points = props.points ?? [];
  return (
    <Paper component="section" withBorder p="md" aria-labelledby={titleId} className="chart-card">
      <Group justify="space-between" gap="sm" mb="xs" wrap="nowrap" align="flex-start">
        <Title order={3} size="h4" id={titleId}>
          {props.title}
        </Title>
        <Group gap="xs" wrap="nowrap">
          {props.tools}
          {points.length > 0 && (
            <Button variant="default" size="compact-sm" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
              Table
            </Button>
          )}
        </Group>
      </Group>
      <ChartBody {...props} isTable={isTable} titleId={titleId} />
    </Paper>
  );
}

interface ChartBodyProps extends ChartCardProps {
  readonly isTable: boolean;
  readonly titleId: string;
}

function ChartBody({ isTable, titleId, ...props }: ChartBodyProps) {
  const { points, problem, onRetry } = props;
  if (points === undefined) {
    if (problem) return <FailedState problem={problem} {...(onRetry && { onRetry })} />;
    return (
      <LoadingState label={`Loading the chart ${props.title}`}>
        <Skeleton height={HEIGHT_PX} />
      </LoadingState>
    );
  }
  if (points.length === 0) return <Text size="sm">{props.emptyText ?? 'Nothing in this range.'}</Text>;
  if (isTable) return <ChartTable {...props} points={points} />;
  return <Plot {...props} points={points} titleId={titleId} />;
}

interface PlotProps extends ChartCardProps {
  readonly points: readonly ChartPoint[];
  readonly titleId: string;
}

/** The arrows move a cursor over the points, whose values are read out; Enter opens what is behind the point. */
function Plot({ titleId, ...props }: PlotProps) {
  const cursor = useChartCursor(props, props.points);
  const descId = useId();
  return (
    <figure className="chart-figure">
      <div
        role="img"
        tabIndex={0}
        aria-labelledby={titleId}
        aria-describedby={descId}
        onKeyDown={cursor.onKeyDown}
        onBlur={cursor.clear}
        className="chart-plot"
      >
        <Suspense fallback={<Skeleton height={HEIGHT_PX} />}>
          <ChartPlot {...props} heightPx={HEIGHT_PX} cursor={cursor.index} range={cursor.range} />
        </Suspense>
      </div>
      <figcaption id={descId} className="chart-desc">
        {props.desc}
        {props.onRange && ' Drag over it, or move with Shift and the arrows, to see a part alone.'}
      </figcaption>
      <p role="status" className="chart-cursor">
        {cursor.words}
      </p>
    </figure>
  );
}
