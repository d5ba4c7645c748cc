import { useSyncExternalStore } from 'react';
import { type TimeSettings } from '@astro/web-ui';

const KEY = 'astro.time-display';
const DISPLAYS = ['zone', 'utc', 'relative'] as const;
type TimeDisplay = TimeSettings['display'];

const listeners = new Set<() => void>();

function read(): TimeDisplay {
  const kept = localStorage.getItem(KEY);
  return DISPLAYS.find((display) => display === kept) ?? 'relative';
}

/** Kept in this browser: which of them helps depends on what one looks at just now. */
export function setTimeDisplay(display: TimeDisplay): void {
  localStorage.setItem(KEY, display);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The time switch of the header: my zone, UTC or relative. */
export function useTimeDisplay(): TimeDisplay {
  return useSyncExternalStore(subscribe, read);
}
