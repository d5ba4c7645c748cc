import { randomUUID } from 'node:crypto';
import { comparePositions, isCopyOwed, type CopyProgress, type LaneMode } from '@astro/sync-core';
import { EMPTY_BATCH } from '../targets/target.js';
import type { Lane } from './lane.js';

/** Copies that a lane makes because its target is not complete without them. */
export class OwnCopies {
  constructor(private readonly lane: Lane) {}

  /**
   * Begins a copy at what has been captured up to now: every snapshot taken later holds everything before it.
   * Rows that the target has and the source has not are swept at the end, unless the target was empty.
   * The target comes first: a crash before the journal knows leaves the request standing, and it is carried out again.
   */
  async begin(history: string, reason: string): Promise<void> {
    const { lane } = this;
    const { ledger, journal, target, log, strategy } = lane.deps;
    await strategy.reset();
    const position = { commitLsn: await ledger.capturedTo(), seq: -1 };
    // Those applied before may be of a history that is gone: no snapshot would ever see them. Asked after the position:
    // what is stored in between is streamed, or known here.
    await lane.renewRecentXids();
    const before = lane.held.current;
    const sweep = !(await target.isEmpty());
    const copy: CopyProgress = { id: randomUUID(), tableIndex: 0, afterKey: null, rows: 0, phase: 'rows', sweep };
    await lane.moveTo({ history, position, copy }, EMPTY_BATCH);
    if (before && comparePositions(before.position, position) > 0) {
      log.warn({ event: 'lane.position_back' }, 'the position went back for a new copy');
    }
    await journal.setMode('copying', reason);
    lane.lookAgain(); // a run that is to copy takes this copy over before its first step
    log.info({ event: 'lane.copy_started', copyId: copy.id, reason, sweep }, `copying: ${reason}`);
  }

  async finish(copy: CopyProgress): Promise<void> {
    const { journal, log } = this.lane.deps;
    await journal.setMode('streaming', null);
    this.lane.lookAgain(); // a copy that was asked for meanwhile follows at once
    log.info({ event: 'lane.copy_finished', copyId: copy.id, rows: copy.rows }, 'copied');
  }

  /** After a crash between target and journal the target is right. */
  async correctMode(mode: LaneMode): Promise<void> {
    const { journal } = this.lane.deps;
    const isCopying = isCopyOwed(this.lane.current());
    if (mode === 'copying' && !isCopying) await journal.setMode('streaming', null);
    if (mode === 'streaming' && isCopying) await journal.setMode('copying', 'interrupted');
  }
}
