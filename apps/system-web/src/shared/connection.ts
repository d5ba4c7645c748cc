import { useSyncExternalStore } from 'react';

/** What the last requests say about the way to the server; times in milliseconds since 1970, 0 for never. */
export interface Connection {
  readonly lastAnswerAtMs: number;
  /** Since when no request was answered; `null` while they are. */
  readonly downSinceMs: number | null;
}

const START: Connection = { lastAnswerAtMs: 0, downSinceMs: null };
let connection = START;
const listeners = new Set<() => void>();

function set(next: Connection): void {
  connection = next;
  for (const listener of listeners) listener();
}

/** The server answered, with whatever status. */
export function noteAnswer(): void {
  set({ lastAnswerAtMs: Date.now(), downSinceMs: null });
}

/** The server could not be reached. */
export function noteSilence(): void {
  if (connection.downSinceMs === null) set({ ...connection, downSinceMs: Date.now() });
}

/** For tests: as if the page had just been loaded. */
export function forgetConnection(): void {
  set(START);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, () => connection);
}

/**
 * Why nothing can be written now; `null` when it can. Give it to `ConfirmDialog` as `blockedReason`, and to
 * buttons that write through `writable`.
 */
export function useWriteBlock(): string | null {
  const { downSinceMs } = useConnection();
  return downSinceMs === null ? null : 'The server cannot be reached, so nothing can be started or changed now.';
}
