import {
  Bar,
  BarChart,
  CartesianGrid,
  LabelList,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { type Tone } from '../status/status-words.js';
import { AXIS, TOOLTIP_STYLE } from './plot-looks.js';
import { partShare } from './part-looks.js';
import { type DrawnSpan, lengthName, lengthTicks, partWords, shortName, spanLength } from './span-words.js';
import { SpanShape, type SpanShapeProps } from './SpanShape.js';

interface SpanPlotProps {
  readonly spans: readonly DrawnSpan[];
  readonly until: string;
  readonly heightPx: number;
  /** Name of the span on which the keyboard's cursor stands. */
  readonly cursor: string | null;
  /** What the parts of all are called, in order. */
  readonly partNames: readonly string[];
}

const TONE_COLORS: Readonly<Record<Tone, string>> = {
  blue: 'var(--chart-1)',
  green: 'var(--chart-2)',
  yellow: 'var(--chart-3)',
  gray: 'var(--chart-5)',
  violet: 'var(--chart-6)',
  red: 'var(--chart-target)',
};
const TOOLTIP_ITEM_STYLE = { color: 'var(--mantine-color-text)' } as const;
const BAR_PX = 14;
const NAME_PX = 104;
/** For the word of a bar that ends at the end of the axis. */
const WORD_PX = 104;
/** So that what took no time is seen, too. */
const LEAST_PX = 2;

/** Bars beside each other over one axis of time, of which each line has its own; default export as in `ChartPlot`. */
export default function SpanPlot({ spans, until, heightPx, cursor, partNames }: SpanPlotProps) {
  const ticks = lengthTicks(Math.max(...spans.map(({ endedS }) => endedS)));
  const data = spans.map((span) => barOf(span, partNames));
  const words = new Map(spans.map((span) => [span.name, tooltipWords(span, until)]));
  return (
    <ResponsiveContainer width="100%" height={heightPx}>
      <BarChart
        data={data}
        layout="vertical"
        accessibilityLayer={false}
        margin={{ top: 0, right: WORD_PX, bottom: 0, left: 0 }}
      >
        <CartesianGrid horizontal={false} stroke="var(--mantine-color-default-border)" />
        <XAxis {...AXIS} type="number" ticks={ticks} domain={[0, ticks.at(-1) ?? 1]} tickFormatter={lengthName} />
        <YAxis {...AXIS} type="category" dataKey="name" width={NAME_PX} interval={0} tickFormatter={shortName} />
        <Tooltip
          cursor={false}
          contentStyle={TOOLTIP_STYLE}
          itemStyle={TOOLTIP_ITEM_STYLE}
          separator=""
          formatter={(_value, _name, { payload }) => [words.get((payload as { name: string }).name) ?? '', '']}
        />
        <Bar
          dataKey="seconds"
          isAnimationActive={false}
          barSize={BAR_PX}
          minPointSize={LEAST_PX}
          shape={(bar: SpanShapeProps) => <SpanShape {...bar} />}
        >
          <LabelList dataKey="word" position="right" fill="var(--mantine-color-text)" fontSize={12} />
        </Bar>
        {cursor !== null && <ReferenceLine y={cursor} stroke="var(--mantine-color-text)" />}
      </BarChart>
    </ResponsiveContainer>
  );
}

function barOf({ name, word, tone, beganS, endedS, drawnParts }: DrawnSpan, partNames: readonly string[]) {
  const parts = drawnParts.map((part) => ({ ...part, share: partShare(partNames, part.word) }));
  return { name, word, seconds: [beganS, endedS], fill: TONE_COLORS[tone], parts };
}

function tooltipWords(span: DrawnSpan, until: string): string {
  const words = `${span.word}, ${spanLength(span, until)}`;
  return span.parts.length > 0 ? `${words}: ${partWords(span)}` : words;
}
