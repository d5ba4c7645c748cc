import { type ReactNode } from 'react';
import { type ProblemText } from '../states/problem-text.js';

/** One line, area or stack of bars. At most six in a chart; each has its own colour and dash. */
export interface ChartSeries {
  /** Names the value in each point. */
  readonly key: string;
  readonly label: string;
  readonly kind: 'line' | 'area' | 'bar';
  /** Bars and areas of one stack stand on each other. */
  readonly stack?: string;
  /** Gives a series that is good or bad news the colour that statuses have; else the next colour is taken. */
  readonly tone?: ChartTone;
}

export type ChartTone = 'good' | 'plain' | 'warning' | 'bad' | 'quiet';

/** The values at one place of the x axis; `null` is a gap and drawn as one. */
export interface ChartPoint {
  /** ISO 8601 for `xKind: 'time'`, else a name such as that of a data set. */
  readonly x: string;
  readonly values: Readonly<Record<string, number | null>>;
  /** What went on there, such as a phase of a run; neighbours of one word are drawn as one band. */
  readonly band?: string | null;
}

/** Something that happened: a run, a deploy. */
export interface ChartMarker {
  readonly x: string;
  readonly label: string;
}

export interface ChartCardProps {
  /** The finding when there is one: "Lag above target since 13:40". */
  readonly title: string;
  /** What is drawn, for those who cannot see it. */
  readonly desc: string;
  /** On the axis and in the table: "rows/s". */
  readonly unit: string;
  readonly xKind: 'time' | 'category';
  readonly series: readonly ChartSeries[];
  /** At most 300, in the order of x; `undefined` while they are loaded. */
  readonly points: readonly ChartPoint[] | undefined;
  readonly markers?: readonly ChartMarker[];
  /** A horizontal line, such as a target. */
  readonly target?: { readonly value: number; readonly label: string };
  /** What the bands of the points are: "Phase". Without it none is drawn. */
  readonly bandHeader?: string;
  /** Why the points could not be loaded. */
  readonly problem?: ProblemText | null;
  readonly onRetry?: () => void;
  /** Said instead of an empty chart; "Nothing in this range." unless given. */
  readonly emptyText?: string;
  /** A click on a point, or Enter on it: open the list behind it. */
  readonly onPoint?: (point: ChartPoint) => void;
  /** A range was drawn over the points, with the pointer or with Shift and the arrows: show it alone. */
  readonly onRange?: (first: string, last: string) => void;
  /** How a value is written; grouped and without digits unless given. */
  readonly format?: (value: number) => string;
  /** Beside the title. */
  readonly tools?: ReactNode;
}

/** Colours of the theme with enough contrast on both backgrounds, each with its own dash. */
const SERIES_LOOKS = [
  { color: 'var(--chart-1)', dash: '' },
  { color: 'var(--chart-2)', dash: '6 3' },
  { color: 'var(--chart-3)', dash: '2 3' },
  { color: 'var(--chart-4)', dash: '10 3 2 3' },
  { color: 'var(--chart-5)', dash: '1 2' },
  { color: 'var(--chart-6)', dash: '12 4' },
] as const;

interface SeriesLook {
  readonly color: string;
  readonly dash: string;
}

const TONE_LOOKS: Readonly<Record<ChartTone, SeriesLook>> = {
  good: SERIES_LOOKS[1],
  plain: SERIES_LOOKS[0],
  warning: SERIES_LOOKS[2],
  bad: { color: 'var(--chart-target)', dash: '10 3 2 3' },
  quiet: SERIES_LOOKS[4],
};

/** @param index place of the series in its chart, from 0 */
export function seriesLook(index: number, tone?: ChartTone): SeriesLook {
  if (tone) return TONE_LOOKS[tone];
  return SERIES_LOOKS[index % SERIES_LOOKS.length] ?? SERIES_LOOKS[0];
}
