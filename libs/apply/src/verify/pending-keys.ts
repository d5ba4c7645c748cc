import type { LaneLedger, LaneState, Position } from '@astro/sync-core';
import type { Visible } from '../lane/strategy-tools.js';
import type { SourceSide, Touched } from './sides.js';

export interface PendingQuestion {
  readonly tableId: number;
  /** Whether these are touched; of others nothing is told. */
  readonly keys: ReadonlySet<string>;
  readonly state: Pick<LaneState, 'history' | 'position'>;
  readonly visible: Visible;
  /** How far to look from where the last question about the same place ended. */
  readonly maxPages: number;
  readonly signal: AbortSignal;
}

export interface PendingKeysOptions {
  readonly ledger: Pick<LaneLedger, 'read'>;
  readonly source: Pick<SourceSide, 'touched'>;
  /** About how much memory touched keys may take; default 32 MiB. */
  readonly maxKeptBytes?: number;
}

/** What is known of the changes after one place in the ledger. */
interface Known {
  readonly tableId: number;
  readonly history: string;
  readonly position: Position;
  /** Everything from `position` up to here is in `keys`. */
  end: Position;
  readonly keys: Set<string>;
  keptBytes: number;
  touchesAll: boolean;
}

const PAGE = { maxRows: 4000, maxBytes: 4 * 1024 * 1024 };
const MAX_KEPT_BYTES = 32 * 1024 * 1024;
/** Of a key, beside its text. */
const BYTES_PER_KEY = 64;

/**
 * The keys that changes touch which a lane has not applied. While the lane stands, the ledger after its position only
 * grows at its end (or is stored once more after a crash), so what was read once is kept, and every question reads on from
 * there. Memory is bounded: what is
 * too much to keep is read again for each question.
 */
export class PendingKeys {
  private known: Known | null = null;

  constructor(private readonly options: PendingKeysOptions) {}

  /**
   * @returns those of the keys that anything after the position touches, up to the end of the ledger; `all` when any
   *   could be, or when more than `maxPages` would have to be read
   */
  async touched(question: PendingQuestion): Promise<Touched> {
    const { ledger, source } = this.options;
    const { tableId, keys, state, visible, maxPages, signal } = question;
    const known = this.knownAt(question);
    const found = new Set([...keys].filter((key) => known.keys.has(key)));
    let position = known.end;
    for (let pages = 0; !known.touchesAll && pages < maxPages; pages++) {
      signal.throwIfAborted();
      if (found.size === keys.size) return found;
      const { changes } = await ledger.read({ history: state.history, position }, PAGE);
      const last = changes[changes.length - 1];
      if (!last) return found;
      const some = await source.touched(tableId, changes, visible);
      if (some === 'all') {
        known.touchesAll = true;
        break;
      }
      addAll(
        found,
        [...some].filter((key) => keys.has(key)),
      );
      const isNext = position === known.end;
      position = { commitLsn: last.commitLsn, seq: last.seq };
      if (isNext && this.keep(known, some)) known.end = position;
    }
    return 'all';
  }

  private knownAt({ tableId, state: { history, position } }: PendingQuestion): Known {
    const { known } = this;
    const isSame =
      known?.tableId === tableId &&
      known.history === history &&
      known.position.commitLsn === position.commitLsn &&
      known.position.seq === position.seq;
    if (known && isSame) return known;
    this.known = { tableId, history, position, end: position, keys: new Set(), keptBytes: 0, touchesAll: false };
    return this.known;
  }

  /** False, and nothing of it is kept, when it is too much. */
  private keep(known: Known, keys: ReadonlySet<string>): boolean {
    const fresh = [...keys].filter((key) => !known.keys.has(key));
    const bytes = fresh.reduce((sum, key) => sum + key.length + BYTES_PER_KEY, known.keptBytes);
    if (bytes > (this.options.maxKeptBytes ?? MAX_KEPT_BYTES)) return false;
    addAll(known.keys, fresh);
    known.keptBytes = bytes;
    return true;
  }
}

function addAll(set: Set<string>, keys: readonly string[]): void {
  for (const key of keys) set.add(key);
}
