import { type KeyboardEvent, useState } from 'react';
import { useTimeSettings } from '../time/time-settings.js';
import { type ChartCardProps, type ChartPoint } from './chart-props.js';
import { pointName, pointWords } from './chart-words.js';
import { inOrder } from './use-chart-brush.js';

interface Cursor {
  readonly index: number;
  /** Where the range that Shift draws has begun; null without one. */
  readonly anchor: number | null;
}

/**
 * A cursor over the points of a chart that the keyboard moves; its words are for a live region. With Shift it draws a
 * range, which Enter chooses.
 */
export function useChartCursor(props: ChartCardProps, points: readonly ChartPoint[]) {
  const settings = useTimeSettings();
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const index = cursor && Math.min(cursor.index, points.length - 1);
  const point = index === null ? undefined : points[index];
  const places = points.map(({ x }) => x);
  const anchor = cursor?.anchor ?? null;
  const range =
    anchor === null || index === null || anchor === index ? null : inOrder(places, { from: anchor, to: index });
  const choose = (): void => {
    if (range) props.onRange?.(...range);
    else if (point) props.onPoint?.(point);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = nextIndex(event.key, index, points.length);
    if (next !== undefined) {
      event.preventDefault();
      const draws = event.shiftKey && props.onRange !== undefined;
      setCursor(next === null ? null : { index: next, anchor: draws ? (anchor ?? index ?? next) : null });
    } else if (event.key === 'Enter') choose();
  };
  return { index, range, onKeyDown, clear: () => setCursor(null), words: wordsOf() };

  function wordsOf(): string {
    if (!point) return '';
    const name = (x: string) => pointName(x, props.xKind, settings);
    return range ? `${name(range[0])} to ${name(range[1])}: Enter shows it alone` : pointWords(point, props, settings);
  }
}

/** Where a key of the keyboard moves a cursor over `count` places; null: away, undefined: it is not a key for that. */
export function nextIndex(key: string, index: number | null, count: number): number | null | undefined {
  switch (key) {
    case 'ArrowRight':
      return index === null ? 0 : Math.min(index + 1, count - 1);
    case 'ArrowLeft':
      return index === null ? count - 1 : Math.max(index - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    case 'Escape':
      return null;
    default:
      return undefined;
  }
}
