import type { CopyProgress, LaneChange, TableKey } from '@astro/sync-core';
import type { KeyState, TargetBatch } from '../targets/target.js';
import type { Lane } from './lane.js';

/** How one kind of data set turns changes into target writes, and how it is copied. */
export interface LaneStrategy {
  /** Tables whose keys are the keys of the target. */
  readonly sweptTables: readonly number[];
  /** Why this change cannot be applied row by row and the data set is copied instead; null: it can. */
  needsCopy(change: LaneChange): string | null;
  /** @param changes none of which needs a copy */
  build(changes: readonly LaneChange[], lane: Lane): Promise<TargetBatch>;
  /** One step of phase `rows` of the copy that the lane's state describes; the step moves the state on. */
  copyStep(lane: Lane, copy: CopyProgress, signal: AbortSignal): Promise<void>;
  /**
   * Those of the keys that the source certainly does not have now. Streams on before it answers; whoever removes them
   * does so at once.
   */
  missing(lane: Lane, keys: KeysOfTable, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * What the source holds now under these keys; keys that the stream wrote meanwhile are in neither part of the answer.
   * Streams on before it answers; whoever writes the states does so at once.
   */
  fetch(lane: Lane, keys: readonly TableKey[], signal: AbortSignal): Promise<Fetched>;
  /** The copy does not go on for now: what was read ahead for it would take memory and become old. */
  rest(): void;
  /** Forgets work read ahead; the state was moved by someone else, or an error came. */
  reset(): Promise<void>;
}

export interface KeysOfTable {
  readonly tableId: number;
  /** At least one. */
  readonly keys: readonly string[];
}

export interface Fetched {
  readonly states: readonly KeyState[];
  /** Keys that the reading did not come to; always fewer than were asked for. */
  readonly left: readonly TableKey[];
}
