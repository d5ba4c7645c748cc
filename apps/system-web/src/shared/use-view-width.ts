import { useMediaQuery } from '@mantine/hooks';

/** `narrow` below 768 px, `middle` below 1280 px, `wide` from there on. */
export function useViewWidth(): 'narrow' | 'middle' | 'wide' {
  const isNarrow = useMediaQuery('(max-width: 47.99em)') ?? false;
  const isMiddle = useMediaQuery('(max-width: 79.99em)') ?? false;
  if (isNarrow) return 'narrow';
  return isMiddle ? 'middle' : 'wide';
}
