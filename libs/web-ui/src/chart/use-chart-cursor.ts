import { type KeyboardEvent, useState } from 'react';
import { useTimeSettings } from '../time/time-settings.js';
import { type ChartCardProps, type ChartPoint } from './chart-props.js';
import { pointWords } from './chart-words.js';

/** A cursor over the points of a chart that the keyboard moves; its words are for a live region. */
export function useChartCursor(props: ChartCardProps, points: readonly ChartPoint[]) {
  const settings = useTimeSettings();
  const [index, setIndex] = useState<number | null>(null);
  const point = index === null ? undefined : points[Math.min(index, points.length - 1)];
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = nextIndex(event.key, index, points.length);
    if (next !== undefined) {
      event.preventDefault();
      setIndex(next);
    } else if (event.key === 'Enter' && point) props.onPoint?.(point);
  };
  return {
    index,
    onKeyDown,
    clear: () => setIndex(null),
    words: point ? pointWords(point, props, settings) : '',
  };
}

function nextIndex(key: string, index: number | null, count: number): number | null | undefined {
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
