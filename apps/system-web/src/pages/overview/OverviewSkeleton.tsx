import { useEffect, useState } from 'react';
import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

const SHOW_AFTER_MS = 200;
const ROWS = 4;

/** The shape of the page while the first answer is on its way; nothing for a moment, so that a fast answer does not flicker. */
export function OverviewSkeleton() {
  const [isShown, setIsShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsShown(true), SHOW_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;
  return (
    <Stack aria-busy="true">
      <VisuallyHidden role="status">Loading the state of all parts</VisuallyHidden>
      <Skeleton height={28} width="60%" />
      {Array.from({ length: ROWS }, (_, row) => (
        <Skeleton key={row} height={48} />
      ))}
    </Stack>
  );
}
