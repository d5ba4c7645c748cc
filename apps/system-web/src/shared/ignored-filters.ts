import { useSyncExternalStore } from 'react';

let ignored: readonly string[] = [];
const listeners = new Set<() => void>();

function set(next: readonly string[]): void {
  ignored = next;
  // Addresses are read while the page renders, so those who watch are told afterwards.
  queueMicrotask(() => listeners.forEach((listener) => listener()));
}

/** Remembers the params of an address whose values made no sense. */
export function noteIgnored(names: readonly string[]): void {
  if (names.length > 0) set(names);
}

export function clearIgnored(): void {
  if (ignored.length > 0) set([]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The names of the params that were ignored in the last address that had any. */
export function useIgnoredFilters(): readonly string[] {
  return useSyncExternalStore(subscribe, () => ignored);
}
