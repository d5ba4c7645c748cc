import { SyncError } from '@astro/sync-core';

/** Others use the source right now in a way that set-up must not disturb; nothing was changed. */
export class SourceBusyError extends SyncError {
  readonly code = 'SYNC_SOURCE_BUSY';
  readonly retryable = true;
}
