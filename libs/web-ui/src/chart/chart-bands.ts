import { type ChartPoint } from './chart-props.js';

/** Neighbouring points of one word, drawn as a band behind the series. */
export interface ChartBand {
  readonly word: string;
  readonly fromX: string;
  /** The next point: a point stands for the time until there. The last point's time is not on the axis. */
  readonly toX: string;
  /** Bands that touch do not look alike. */
  readonly isDark: boolean;
}

/** The bands of a chart from left to right; none of points without a word. */
export function chartBands(points: readonly ChartPoint[]): readonly ChartBand[] {
  const bands: ChartBand[] = [];
  for (const [index, { x, band: word }] of points.entries()) {
    if (!word) continue;
    const before = bands.at(-1);
    const touches = before?.toX === x && index > 0;
    const toX = points[index + 1]?.x ?? x;
    if (touches && before.word === word) bands[bands.length - 1] = { ...before, toX };
    else bands.push({ word, fromX: x, toX, isDark: touches && !before.isDark });
  }
  return bands;
}
