import {
  formatLaneState,
  parseLaneState,
  type LaneControl,
  type LaneJournal,
  type LaneState,
  type StoredLaneState,
} from '@astro/sync-core';
import type { StateMove, Target } from '../targets/target.js';
import { copyReason } from './lane-control.js';

/** @param amend tells that another state is written; call it before the state is. @returns its text */
type StateWrite = (move: StateMove, amend: (instead: LaneState) => string) => Promise<void>;

/**
 * A lane's state as its target holds it, and how it moves. Each move is counted and written down in the journal, so a
 * target that was emptied or put back to an older state is noticed even when nothing changes (P10).
 */
export class HeldState {
  private state: StoredLaneState | null = null;
  private text: string | null = null;
  /** As many moves there were at least; the target may have forgotten some. */
  private moves = 0;

  constructor(
    private readonly target: Target,
    private readonly journal: LaneJournal,
  ) {}

  /** Null: not loaded, or the target holds none. */
  get current(): StoredLaneState | null {
    return this.state;
  }

  /** Reads it from the target. */
  async load(): Promise<StoredLaneState | null> {
    this.text = await this.target.readState();
    this.state = this.text === null ? null : parseLaneState(this.text);
    if (this.state && this.state.moves >= this.moves) {
      this.moves = this.state.moves;
      this.note(0); // a crash may have kept it from being written down
    }
    return this.state;
  }

  forget(): void {
    this.state = null;
  }

  /** False when somebody else moved it, or the target lost it. */
  async isAsKnown(): Promise<boolean> {
    return (await this.target.readState()) === this.text;
  }

  /** True when the target was emptied or put back to an older state, which only a copy mends. */
  async isLost(): Promise<boolean> {
    const text = await this.target.readState();
    if (text === null) return true;
    const { moves } = await this.journal.control();
    return parseLaneState(text).moves < Math.max(moves, this.moves);
  }

  /** Why the lane has to copy before it goes on; null: it need not. */
  reasonToCopy(control: LaneControl): string | null {
    this.moves = Math.max(this.moves, control.moves);
    return copyReason({ ...control, moves: this.moves }, this.state);
  }

  /**
   * Moves it together with what `write` writes.
   * @param partial the target may still take the write back, so the move counts only with the last one
   */
  async move(next: LaneState, write: StateWrite, partial = false): Promise<void> {
    const moves = Math.max(this.state?.moves ?? 0, this.moves) + 1;
    let moved = { ...next, moves };
    const amend = (instead: LaneState): string => {
      moved = { ...instead, moves };
      return formatLaneState(moved);
    };
    await write({ expected: this.text, next: formatLaneState(moved) }, amend);
    this.state = moved;
    this.text = formatLaneState(moved);
    if (!partial) this.moves = moves;
    this.note(0);
  }

  /** Writes down where the lane is. @param changes that it has applied since */
  note(changes: number): void {
    if (this.state) this.journal.applied({ ...this.state, moves: this.moves }, changes);
  }
}
