import { formatLsn, parseLsn, type Lsn } from './lsn.js';

/** An event's place in the history of its source (P3): commit position, then order inside the transaction. */
export interface Position {
  readonly commitLsn: Lsn;
  readonly seq: number;
}

export function comparePositions(a: Position, b: Position): number {
  if (a.commitLsn !== b.commitLsn) return a.commitLsn < b.commitLsn ? -1 : 1;
  return a.seq - b.seq;
}

/**
 * True when a target at this position holds what the ledger does not hold any more: after a crash of SystemDB, until
 * capture has stored it again.
 * @param captured what {@link LaneLedger.capturedTo} says
 */
export function isAheadOf({ commitLsn, seq }: Position, captured: Lsn): boolean {
  return seq >= 0 ? captured <= commitLsn : captured < commitLsn; // a copy begins at what was captured, with seq -1
}

/** How far a copy beside the stream has come; part of the lane's state so that it moves with the data. */
export interface CopyProgress {
  /** Names this copy; a new copy has a new id. One that a run asked for is named after the run's item. */
  readonly id: string;
  /** Index of the data set's table that is being read. */
  readonly tableIndex: number;
  /** The last key written, as column texts; null before the first chunk of the table. */
  readonly afterKey: readonly string[] | null;
  readonly rows: number;
  /**
   * `rows` first, then, when the target held data before, `sweep` removes what the source does not have. Only for runs:
   * `stream` applies what was committed before the run began, `pages` writes chosen rows, `end` has nothing left to do.
   */
  readonly phase: 'rows' | 'sweep' | 'stream' | 'pages' | 'end';
  readonly sweep: boolean;
  /** What belongs to the item of a run; absent for what the lane does by itself. */
  readonly task?: TaskProgress;
}

/** How far the lane has come with the item of a run; moves with the data, so a crash costs at most one step of it. */
export interface TaskProgress {
  readonly item: string;
  /** True when the target is not complete without it: giving it up leaves a data set that needs a resync. */
  readonly owed: boolean;
  /** The mark up to which `stream` applies, as text. */
  readonly until?: string;
  /** Rows to write; null: not known yet. */
  readonly total: number | null;
  readonly tally: TaskTally;
  /** What the target held that the source has not, before anything was removed. */
  readonly counted?: ExtraRows;
  /** How and why it ended before its time. */
  readonly stopped?: { readonly outcome: 'failed' | 'stopped_by_guard'; readonly message: string };
}

/** What has been written so far. Rows that the stream wrote meanwhile are not in it. */
export interface TaskTally {
  readonly inserted: number;
  readonly changed: number;
  readonly same: number;
  readonly removed: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
  /** Rows that the target did not take, counted nowhere else. Absent: none. */
  readonly refused?: number;
}

/** Rows of the target without one in the source, of all that the target holds. */
export interface ExtraRows {
  readonly extra: number;
  readonly held: number;
}

/**
 * What a target stores about a lane, in the same atomic write as the data.
 * `history` names the source's history (system identifier and timeline): positions of different histories do not compare.
 */
export interface LaneState {
  readonly history: string;
  readonly position: Position;
  readonly copy: CopyProgress | null;
}

/** As a target stores it. */
export interface StoredLaneState extends LaneState {
  /** Grows with every move: a target with fewer than it had was put back to an older state. */
  readonly moves: number;
}

/** True while the target may lack rows: a copy that it needs is under way. A run beside a complete one takes nothing. */
export function isCopyOwed({ copy }: LaneState): boolean {
  return copy !== null && copy.task?.owed !== false;
}

/** The exact text a target stores and compares; equal states have equal texts. */
export function formatLaneState(state: StoredLaneState): string {
  const { history, position, copy, moves } = state;
  return JSON.stringify({ history, lsn: formatLsn(position.commitLsn), seq: position.seq, copy, moves });
}

export function parseLaneState(text: string): StoredLaneState {
  const {
    history,
    lsn,
    seq,
    copy,
    moves = 0,
  } = JSON.parse(text) as {
    history: string;
    lsn: string;
    seq: number;
    copy: CopyProgress | null;
    moves?: number;
  };
  return { history, position: { commitLsn: parseLsn(lsn), seq }, copy, moves };
}
