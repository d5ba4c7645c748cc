import { useSyncExternalStore } from 'react';

const TICK_MS = 1_000;

/** One clock for the page: a table of a hundred times has one timer, and all of them turn together. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let nowMs = Date.now();

function tick(): void {
  nowMs = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    nowMs = Date.now();
    timer = setInterval(tick, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** Before the first subscriber the clock stands, so the first look reads the real one, to the whole tick. */
function read(): number {
  if (listeners.size === 0 && Math.abs(Date.now() - nowMs) >= TICK_MS) nowMs = Date.now();
  return nowMs;
}

/** The present in milliseconds since 1970, renewed every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read);
}
