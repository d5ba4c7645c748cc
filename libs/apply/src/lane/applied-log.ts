import { isVisible, type LaneChange, type Snapshot } from '@astro/sync-core';

interface Entry {
  readonly xid: number;
  readonly tableId: number;
  readonly key: string;
  readonly oldKey: string | null;
  readonly truncate: boolean;
}

/** Which keys the stream wrote while a copy was reading: what it read of them may be older than what was written. */
export class AppliedLog {
  private readonly entries: Entry[] = [];

  record(changes: readonly LaneChange[]): void {
    for (const { xid, tableId, key, oldKey, op } of changes) {
      this.entries.push({ xid, tableId, key, oldKey, truncate: op === 'truncate' });
    }
  }

  /** Keys of the table that transactions changed which the snapshot does not see; `all` after a truncate. */
  newerThan(snapshot: Snapshot, tableId: number): ReadonlySet<string> | 'all' {
    const keys = new Set<string>();
    for (const entry of this.entries) {
      if (entry.tableId !== tableId || isVisible(snapshot, entry.xid)) continue;
      if (entry.truncate) return 'all';
      keys.add(entry.key);
      if (entry.oldKey !== null) keys.add(entry.oldKey);
    }
    return keys;
  }
}

/** The transactions applied last, newest at the end: a snapshot that does not see one of them is too old (W10). */
export class RecentXids {
  private xids: number[];

  constructor(
    initial: readonly number[],
    private readonly capacity: number,
  ) {
    this.xids = [...initial];
  }

  record(changes: readonly LaneChange[]): void {
    let last = this.xids[this.xids.length - 1];
    for (const { xid } of changes) {
      if (xid !== last) this.xids.push(xid);
      last = xid;
    }
    if (this.xids.length > this.capacity * 2) this.xids = this.xids.slice(-this.capacity);
  }

  /** What the next snapshot must see; take it before the snapshot. */
  pending(): readonly number[] {
    return this.xids;
  }

  /**
   * True when the snapshot sees all of `pending`. Once seen by a snapshot, a transaction is seen by every later one
   * and need not be asked about again.
   */
  confirm(pending: readonly number[], snapshot: Snapshot): boolean {
    this.xids = this.xids.filter((xid) => !isVisible(snapshot, xid));
    return pending.every((xid) => isVisible(snapshot, xid));
  }
}
