import {
  Area,
  Bar,
  CartesianGrid,
  ComposedChart,
  Legend,
  Line,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { type TimeSettings } from '../time/format-time.js';
import { useTimeSettings } from '../time/time-settings.js';
import { highestValue, timeGrain, timeTicks, valueTicks } from './axis-ticks.js';
import { chartBands } from './chart-bands.js';
import { type ChartCardProps, type ChartPoint, type ChartSeries, seriesLook } from './chart-props.js';
import { pointName, tickName, valueWords } from './chart-words.js';
import { BAND_WORD_PX, BandWord, type BandBox } from './BandWord.js';
import { AXIS, TOOLTIP_STYLE } from './plot-looks.js';
import { useChartBrush } from './use-chart-brush.js';

interface ChartPlotProps extends ChartCardProps {
  readonly points: readonly ChartPoint[];
  readonly heightPx: number;
  /** Index of the point on which the keyboard's cursor stands. */
  readonly cursor: number | null;
  /** What the keyboard draws. */
  readonly range: readonly [first: string, last: string] | null;
}

const LEGEND_STYLE = { fontSize: 'var(--mantine-font-size-sm)' } as const;

/** The drawing of a chart; the default export of its own file, so that the library is fetched when it is needed. */
export default function ChartPlot(props: ChartPlotProps) {
  const settings = useTimeSettings();
  const { points, xKind, unit, format, series } = props;
  const data = points.map(({ x, values }) => ({ x, ...values }));
  const { range, handlers } = usePointer(props);
  return (
    <ResponsiveContainer width="100%" height={props.heightPx}>
      <ComposedChart
        data={data}
        accessibilityLayer={false}
        {...(xKind === 'time' && { syncId: 'page' })}
        syncMethod="value"
        {...handlers}
        margin={{ top: props.bandHeader === undefined ? 8 : BAND_WORD_PX, right: 8, bottom: 0, left: 8 }}
      >
        {bands(props)}
        <CartesianGrid vertical={false} stroke="var(--mantine-color-default-border)" />
        <XAxis {...AXIS} dataKey="x" minTickGap={32} {...timeAxis(props, settings)} />
        <YAxis {...AXIS} width={72} label={unitLabel(unit)} {...valueAxis(props)} tickFormatter={shortNumber} />
        <Tooltip
          contentStyle={TOOLTIP_STYLE}
          labelFormatter={(x) => (typeof x === 'string' ? pointName(x, xKind, settings) : x)}
          formatter={(value) => `${valueWords(numberOf(value), format)} ${unit}`}
        />
        {series.length > 1 && <Legend wrapperStyle={LEGEND_STYLE} />}
        {series.map((one, index) => drawn(one, index))}
        {range && <ReferenceArea x1={range[0]} x2={range[1]} fill="var(--chart-1)" fillOpacity={0.2} />}
        {referenceLines(props)}
      </ComposedChart>
    </ResponsiveContainer>
  );
}

/** Behind everything else. */
function bands({ points, bandHeader }: ChartPlotProps) {
  if (bandHeader === undefined) return null;
  return chartBands(points).map(({ word, fromX, toX, isDark }) => (
    <ReferenceArea
      key={fromX}
      x1={fromX}
      x2={toX}
      fill="var(--mantine-color-text)"
      fillOpacity={isDark ? 0.09 : 0.03}
      label={({ viewBox }: { viewBox?: BandBox }) => <BandWord word={word} {...viewBox} />}
    />
  ));
}

/** What clicking and drawing do, and the range that is drawn now, by pointer or keyboard. */
function usePointer({ points, onPoint, onRange, range }: ChartPlotProps) {
  const onClick = (x: string | number | undefined): void => {
    const point = points.find((candidate) => candidate.x === x);
    if (point) onPoint?.(point);
  };
  const { drawn, handlers } = useChartBrush({ places: points.map(({ x }) => x), onRange, onClick });
  return { range: drawn ?? range, handlers };
}

/** Round times, as fine as the points are close together. */
function timeAxis({ points, xKind }: ChartPlotProps, settings: TimeSettings) {
  const grain = timeGrain(points);
  const ticks = xKind === 'time' ? timeTicks(points, settings) : undefined;
  return {
    tickFormatter: (x: string) => tickName(x, xKind, { settings, grain }),
    ...(ticks && { ticks }),
  };
}

/** From zero, in round steps. */
function valueAxis(props: ChartPlotProps) {
  const ticks = valueTicks(highestValue(props.points, props), isCounted(props.points));
  return { ticks, domain: [0, ticks.at(-1) ?? 1] };
}

/** Markers, the target and the cursor of the keyboard. */
function referenceLines({ points, cursor, markers = [], target }: ChartPlotProps) {
  const at = cursor === null ? undefined : points[cursor]?.x;
  const quiet = 'var(--mantine-color-dimmed)';
  return [
    ...markers.map(({ x, label }) => (
      <ReferenceLine key={`${x} ${label}`} x={x} stroke={quiet} strokeDasharray="3 3" label={lineLabel(label)} />
    )),
    target && (
      <ReferenceLine
        key="target"
        y={target.value}
        stroke="var(--chart-target)"
        strokeDasharray="8 4"
        label={lineLabel(target.label)}
      />
    ),
    at !== undefined && <ReferenceLine key="cursor" x={at} stroke="var(--mantine-color-text)" />,
  ];
}

function lineLabel(value: string) {
  return { value, position: 'insideTopLeft', fill: 'var(--mantine-color-text)', fontSize: 12 } as const;
}

function drawn(series: ChartSeries, index: number) {
  const { color, dash } = seriesLook(index, series.tone);
  const common = { dataKey: series.key, name: series.label, isAnimationActive: false } as const;
  const stack = series.stack === undefined ? {} : { stackId: series.stack };
  switch (series.kind) {
    case 'bar':
      return <Bar key={series.key} {...common} {...stack} fill={color} />;
    case 'area':
      return (
        <Area
          key={series.key}
          {...common}
          {...stack}
          stroke={color}
          strokeDasharray={dash}
          fill={color}
          fillOpacity={0.2}
        />
      );
    case 'line':
      return <Line key={series.key} {...common} stroke={color} strokeDasharray={dash} strokeWidth={2} dot={false} />;
  }
}

/** Things that are counted have no half on their axis. */
function isCounted(points: readonly ChartPoint[]): boolean {
  return points.every(({ values }) =>
    Object.values(values).every((value) => value === null || Number.isInteger(value)),
  );
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function unitLabel(unit: string) {
  return {
    value: unit,
    angle: -90,
    position: 'insideLeft',
    fill: 'var(--mantine-color-dimmed)',
    fontSize: 12,
  } as const;
}

const SHORT = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumSignificantDigits: 3 });

/** Axis ticks have little room: "12k". */
function shortNumber(value: number): string {
  return SHORT.format(value);
}
