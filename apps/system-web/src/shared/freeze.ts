import { useSyncExternalStore } from 'react';

let frozenAtMs: number | null = null;
const listeners = new Set<() => void>();

/** Stops all updates of the page, or lets them go on. */
export function toggleFreeze(): void {
  frozenAtMs = frozenAtMs === null ? Date.now() : null;
  for (const listener of listeners) listener();
}

/** For tests and for signing out. */
export function unfreeze(): void {
  if (frozenAtMs !== null) toggleFreeze();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Since when the page is frozen, in milliseconds since 1970; `null` while it is not. */
export function useFrozenAt(): number | null {
  return useSyncExternalStore(subscribe, () => frozenAtMs);
}
