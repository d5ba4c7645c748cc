import { type FocusEventHandler, type KeyboardEventHandler, type ReactNode, Suspense, useId } from 'react';
import { Skeleton } from '@mantine/core';

interface ChartFigureProps {
  readonly titleId: string;
  readonly heightPx: number;
  /** What is drawn, for those who cannot see it. */
  readonly desc: string;
  /** What is read out of the place where the keyboard's cursor stands. */
  readonly words: string;
  readonly onKeyDown: KeyboardEventHandler;
  readonly onBlur: FocusEventHandler;
  /** The drawing, whose library may still have to be fetched. */
  readonly children: ReactNode;
}

/** A drawing that the keyboard can walk over. */
export function ChartFigure({ titleId, heightPx, desc, words, onKeyDown, onBlur, children }: ChartFigureProps) {
  const descId = useId();
  return (
    <figure className="chart-figure">
      <div
        role="img"
        tabIndex={0}
        aria-labelledby={titleId}
        aria-describedby={descId}
        onKeyDown={onKeyDown}
        onBlur={onBlur}
        className="chart-plot"
      >
        <Suspense fallback={<Skeleton height={heightPx} />}>{children}</Suspense>
      </div>
      <figcaption id={descId} className="chart-desc">
        {desc}
      </figcaption>
      <p role="status" className="chart-cursor">
        {words}
      </p>
    </figure>
  );
}
