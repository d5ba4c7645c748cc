import { type ChartPoint } from './chart-props.js';

/** Neighbouring points of one word, drawn as a band behind the series. */
export interface ChartBand {
  readonly word: string;
  readonly fromX: string;
  /** Of the next band when nothing is between the two, so that no stripe is left. */
  readonly toX: string;
  /** Bands of the same word look alike, those of the next word do not. */
  readonly isDark: boolean;
}

/** The bands of a chart from left to right; none of points without a word. */
export function chartBands(points: readonly ChartPoint[]): readonly ChartBand[] {
  const words = [...new Set(points.flatMap(({ band }) => band ?? []))];
  const starts = points.flatMap(({ band }, index) => (band === (points[index - 1]?.band ?? null) ? [] : [index]));
  return starts.flatMap((from, place) => {
    const { band: word, x: fromX } = points[from] ?? {};
    const next = starts[place + 1] ?? points.length;
    const to = Math.min(points[next]?.band ? next : next - 1, points.length - 1);
    if (!word || fromX === undefined) return [];
    return [{ word, fromX, toX: points[to]?.x ?? fromX, isDark: words.indexOf(word) % 2 === 1 }];
  });
}
