/** An error of this system: says what happened, whether to try again, and what to do. Match on type and `code`. */
export abstract class SyncError extends Error {
  abstract readonly code: `SYNC_${string}`;
  /** True when the same call may succeed later without an operator. */
  abstract readonly retryable: boolean;
  override readonly name: string = this.constructor.name;
}

export class InvalidLsnError extends SyncError {
  readonly code = 'SYNC_INVALID_LSN';
  readonly retryable = false;
  constructor(text: string) {
    super(`"${text}" is not a write-ahead log position; expected two hex halves such as 16/B374D848.`);
  }
}

/** The environment or the catalogue is wrong; the message lists every problem with its fix. */
export class ConfigError extends SyncError {
  readonly code = 'SYNC_CONFIG';
  readonly retryable = false;
}

/** The stream of a source holds something that cannot be decoded. */
export class DecodeError extends SyncError {
  readonly code = 'SYNC_DECODE';
  readonly retryable = false;
}

/** Completeness can no longer be proved: every data set of the source needs a resync. */
export class GapError extends SyncError {
  readonly code = 'SYNC_GAP';
  readonly retryable = false;
}

/** Another worker reads the slot; this one stands by. */
export class SlotBusyError extends SyncError {
  readonly code = 'SYNC_SLOT_BUSY';
  readonly retryable = true;
  constructor(slot: string) {
    super(`Slot "${slot}" is being read by another worker; this one stands by.`);
  }
}

/** Another worker has registered data sets whose tables this one does not know: it would pass their changes over. */
export class OlderCatalogueError extends SyncError {
  readonly code = 'SYNC_OLDER_CATALOGUE';
  readonly retryable = true;
  constructor(unknownTables: readonly string[]) {
    super(
      `This worker has an older catalogue, without ${unknownTables.join(', ')}; ` +
        'it must not capture. Start it again with the current catalogue.',
    );
  }
}

/** SystemDB did not take the changes; the caller must not acknowledge them. */
export class LedgerUnavailableError extends SyncError {
  readonly code = 'SYNC_LEDGER_UNAVAILABLE';
  readonly retryable = true;
  constructor(cause: unknown) {
    super('SystemDB did not store the changes; nothing was acknowledged to the source.', { cause });
  }
}

/** Another worker moved this capture or lane on; what this one holds is out of date and must be dropped. */
export class FencedError extends SyncError {
  readonly code = 'SYNC_FENCED';
  readonly retryable = true;
  constructor(what: string) {
    super(`Another worker has moved ${what} on; this one starts again from the stored position.`);
  }
}

/** One key cannot be written by any number of tries; the others can. */
export class PoisonError extends SyncError {
  readonly code = 'SYNC_POISON';
  readonly retryable = false;
}

/** The source no longer has columns that a data set carries; without them nothing may be read or written. */
export class LostColumnsError extends SyncError {
  readonly code = 'SYNC_LOST_COLUMNS';
  readonly retryable = false;
  /** @param what such as `public.items no longer has the column "name"` */
  constructor(what: string, options?: ErrorOptions) {
    super(
      `${what}, which this data set carries, so nothing more is written. Put it back, or restart the workers with a ` +
        'catalogue that does without it; then run a full synchronization of the data set.',
      options,
    );
  }

  /** @returns null when the table has all of them */
  static of(table: string, needed: readonly string[], there: readonly string[]): LostColumnsError | null {
    const lost = needed.filter((name) => !there.includes(name)).map((name) => `"${name}"`);
    if (lost.length === 0) return null;
    const what = lost.length === 1 ? `the column ${lost.join()}` : `the columns ${lost.join(', ')}`;
    return new LostColumnsError(`${table} no longer has ${what}`);
  }
}

/** Codes of PostgreSQL, Redis, Node.js and the like. */
const CODE = /^[A-Za-z0-9_]{2,40}$/;

/**
 * What everybody who sees a run may read of an error: our own words, and of an error that is not ours only its code,
 * because a server's message may hold rows, statements or addresses. Whoever catches the error logs all of it.
 */
export function publicReason(error: unknown): string {
  if (error instanceof SyncError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const known = typeof code === 'string' && CODE.test(code) ? ` (${code})` : '';
  return `An error that was not expected${known}; the log of the worker tells more.`;
}
