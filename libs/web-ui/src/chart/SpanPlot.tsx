import {
  Bar,
  BarChart,
  CartesianGrid,
  Cell,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { type Tone } from '../status/status-words.js';
import { formatDuration } from '../time/format-time.js';
import { AXIS, TOOLTIP_STYLE } from './plot-looks.js';
import { type DrawnSpan, lengthTicks, spanLength } from './span-words.js';

interface SpanPlotProps {
  readonly spans: readonly DrawnSpan[];
  readonly until: string;
  readonly heightPx: number;
  /** Index of the span on which the keyboard's cursor stands. */
  readonly cursor: number | null;
}

const TONE_COLORS: Readonly<Record<Tone, string>> = {
  blue: 'var(--chart-1)',
  green: 'var(--chart-2)',
  yellow: 'var(--chart-3)',
  gray: 'var(--chart-5)',
  violet: 'var(--chart-6)',
  red: 'var(--chart-target)',
};
const BAR_PX = 14;
const NAME_PX = 128;
/** So that what took no time is seen, too. */
const LEAST_PX = 2;

/** Bars beside each other over one axis of time, of which each line has its own; default export as in `ChartPlot`. */
export default function SpanPlot({ spans, until, heightPx, cursor }: SpanPlotProps) {
  const ticks = lengthTicks(Math.max(...spans.map(({ endedS }) => endedS)));
  const data = spans.map((span) => ({ name: span.name, seconds: [span.beganS, span.endedS] }));
  const words = new Map(spans.map((span) => [span.name, `${span.word}, ${spanLength(span, until)}`]));
  const at = cursor === null ? undefined : spans[cursor]?.name;
  return (
    <ResponsiveContainer width="100%" height={heightPx}>
      <BarChart
        data={data}
        layout="vertical"
        accessibilityLayer={false}
        margin={{ top: 0, right: 24, bottom: 0, left: 0 }}
      >
        <CartesianGrid horizontal={false} stroke="var(--mantine-color-default-border)" />
        <XAxis {...AXIS} type="number" ticks={ticks} domain={[0, ticks.at(-1) ?? 1]} tickFormatter={lengthName} />
        <YAxis {...AXIS} type="category" dataKey="name" width={NAME_PX} interval={0} />
        <Tooltip
          cursor={false}
          contentStyle={TOOLTIP_STYLE}
          separator=""
          formatter={(_value, _name, { payload }) => [words.get((payload as { name: string }).name) ?? '', '']}
        />
        <Bar dataKey="seconds" isAnimationActive={false} barSize={BAR_PX} minPointSize={LEAST_PX}>
          {spans.map(({ name, tone }) => (
            <Cell key={name} fill={TONE_COLORS[tone]} />
          ))}
        </Bar>
        {at !== undefined && <ReferenceLine y={at} stroke="var(--mantine-color-text)" />}
      </BarChart>
    </ResponsiveContainer>
  );
}

function lengthName(seconds: number): string {
  return seconds === 0 ? '0' : formatDuration(seconds * 1000).replace(/ 00 (min|s)/g, '');
}
