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

/** How far a copy beside the stream has come; part of the lane's state so that it moves with the data. */
export interface CopyProgress {
  /** Names this copy; a new copy has a new id. */
  readonly id: string;
  /** Index of the data set's table that is being read. */
  readonly tableIndex: number;
  /** The last key written, as column texts; null before the first chunk of the table. */
  readonly afterKey: readonly string[] | null;
  readonly rows: number;
  /** `rows` first, then, when the target held data before, `sweep` removes what the source does not have. */
  readonly phase: 'rows' | 'sweep';
  readonly sweep: boolean;
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

/** The exact text a target stores and compares; equal states have equal texts. */
export function formatLaneState(state: LaneState): string {
  const { history, position, copy } = state;
  return JSON.stringify({ history, lsn: formatLsn(position.commitLsn), seq: position.seq, copy });
}

export function parseLaneState(text: string): LaneState {
  const { history, lsn, seq, copy } = JSON.parse(text) as {
    history: string;
    lsn: string;
    seq: number;
    copy: CopyProgress | null;
  };
  return { history, position: { commitLsn: parseLsn(lsn), seq }, copy };
}
