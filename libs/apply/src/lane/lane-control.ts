import { SyncError, type LaneControl, type StoredLaneState } from '@astro/sync-core';

/** What a lane is asked for was changed while it waited; it starts again from what is asked now. */
export class ControlChangedError extends SyncError {
  readonly code = 'SYNC_CONTROL_CHANGED';
  readonly retryable = true;
  constructor(lane: string) {
    super(`What lane "${lane}" is to do was changed while it waited; it starts again.`);
  }
}

/** Capture has not begun, or the data set needs a resync that nobody has asked for yet. */
export function mustStand({ history, mode, copyRequested }: LaneControl): boolean {
  return history === '' || (mode === 'needs_resync' && !copyRequested);
}

/** Why the lane has to copy before it goes on; null: it need not. */
export function copyReason(control: LaneControl, state: StoredLaneState | null): string | null {
  if (control.copyRequested) return 'asked for';
  if (!state) return control.mode === 'copying' ? 'first load' : 'the target lost what it held';
  if (state.history !== control.history) return 'the source began a new history';
  if (state.moves < control.moves) return 'the target was put back to an older state';
  return null;
}
