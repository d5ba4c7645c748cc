import { useRef, useState } from 'react';

/** Where the pointer is, as the charting library tells it. */
interface At {
  readonly activeLabel?: string | number | undefined;
}

interface ChartBrush {
  /** The points between which the pointer is pressed, in the order of the chart; null while it is not. */
  readonly drawn: readonly [first: string, last: string] | null;
  readonly handlers: Readonly<
    Record<'onMouseDown' | 'onMouseMove' | 'onMouseUp' | 'onClick', (at: At) => void> & { onMouseLeave: () => void }
  >;
}

interface BrushActs {
  /** The x of every point, in order. */
  readonly places: readonly string[];
  readonly onRange: ((first: string, last: string) => void) | undefined;
  /** Pressed and let go on the same point. */
  readonly onClick: (at: string | number | undefined) => void;
}

/** Pressing on one point and letting go on another chooses the range between them. */
export function useChartBrush({ places, onRange, onClick }: BrushActs): ChartBrush {
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null);
  // The click that ends a drag opens nothing.
  const wasDrag = useRef(false);
  const indexOf = ({ activeLabel }: At): number => places.findIndex((x) => x === activeLabel);
  const drawn = drag && drag.from !== drag.to ? inOrder(places, drag) : null;
  const move = (at: At): void => {
    const index = indexOf(at);
    if (drag && index >= 0 && index !== drag.to) setDrag({ ...drag, to: index });
  };
  const start = (at: At): void => {
    const index = indexOf(at);
    wasDrag.current = false;
    if (onRange && index >= 0) setDrag({ from: index, to: index });
  };
  const end = (): void => {
    wasDrag.current = drawn !== null;
    setDrag(null);
    if (drawn) onRange?.(...drawn);
  };
  const click = ({ activeLabel }: At): void => {
    if (!wasDrag.current) onClick(activeLabel);
  };
  return {
    drawn,
    handlers: {
      onMouseDown: start,
      onMouseMove: move,
      onMouseUp: end,
      onClick: click,
      onMouseLeave: () => setDrag(null),
    },
  };
}

/** @param range two indexes, in any order */
export function inOrder(places: readonly string[], { from, to }: { readonly from: number; readonly to: number }) {
  const [first, last] = [places[Math.min(from, to)], places[Math.max(from, to)]];
  return first === undefined || last === undefined ? null : ([first, last] as const);
}
