import { lazy } from 'react';
import { Skeleton, Text } from '@mantine/core';
import { FailedState } from '../states/FailedState.js';
import { LoadingState } from '../states/Skeletons.js';
import { type ChartCardProps, type ChartPoint } from './chart-props.js';
import { ChartFigure } from './ChartFigure.js';
import { ChartFrame, type ChartView } from './ChartFrame.js';
import { ChartTable } from './ChartTable.js';
import { useChartCursor } from './use-chart-cursor.js';

/** The charting library is its own file, fetched when the first chart is shown. */
const ChartPlot = lazy(() => import('./ChartPlot.js'));
const HEIGHT_PX = 240;

/** A chart with its title, a description, the same numbers as a table, and its own loading, empty and failed state. */
export function ChartCard(props: ChartCardProps) {
  const hasTable = (props.points ?? []).length > 0;
  return (
    <ChartFrame title={props.title} tools={props.tools} hasTable={hasTable}>
      {(view) => <ChartBody {...props} {...view} />}
    </ChartFrame>
  );
}

function ChartBody({ isTable, titleId, ...props }: ChartCardProps & ChartView) {
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
  const ranges = props.onRange && ' Drag over it, or move with Shift and the arrows, to see a part alone.';
  return (
    <ChartFigure
      titleId={titleId}
      heightPx={HEIGHT_PX}
      desc={`${props.desc}${ranges ?? ''}`}
      words={cursor.words}
      onKeyDown={cursor.onKeyDown}
      onBlur={cursor.clear}
    >
      <ChartPlot {...props} heightPx={HEIGHT_PX} cursor={cursor.index} range={cursor.range} />
    </ChartFigure>
  );
}
