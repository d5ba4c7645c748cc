import { type ReactNode, useEffect, useState } from 'react';
import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

const SHOW_AFTER_MS = 200;

interface LoadingStateProps {
  /** For screen readers: "Loading the runs". */
  readonly label: string;
  /** The true shape of what comes, made of `Skeleton`s. */
  readonly children: ReactNode;
}

/** The shape of the view while the first answer is on its way; nothing for 200 ms, so that fast answers do not flicker. */
export function LoadingState({ label, children }: LoadingStateProps) {
  const [isShown, setIsShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsShown(true), SHOW_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;
  return (
    <div aria-busy="true">
      <VisuallyHidden role="status">{label}</VisuallyHidden>
      {children}
    </div>
  );
}

/** The shape of a table. */
export function TableSkeleton({ rows = 8 }: { readonly rows?: number }) {
  return <Bars count={rows} height={36} />;
}

/** The shape of some lines or cards of one height, in pixels. */
export function Bars({ count, height }: { readonly count: number; readonly height: number }) {
  return (
    <Stack gap="xs">
      {Array.from({ length: count }, (_, row) => (
        <Skeleton key={row} height={height} />
      ))}
    </Stack>
  );
}
