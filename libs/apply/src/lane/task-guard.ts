import {
  ALWAYS_REMOVABLE,
  removalRefusal,
  type CopyProgress,
  type TableKey,
  type TaskProgress,
} from '@astro/sync-core';
import { EMPTY_BATCH, type KeyState } from '../targets/target.js';
import type { Lane } from './lane.js';

const ASKED_AT_ONCE = 500;
const COUNTED_AT_ONCE = 5000;

export interface GivenKeys {
  readonly copy: CopyProgress;
  readonly task: TaskProgress;
  readonly keys: readonly TableKey[];
  readonly signal: AbortSignal;
}

/**
 * Looks at all keys that a run was given before any of them is written: those that the source does not have will be
 * removed, and what is too much of the target stops the run (P13). The target is counted only when that can matter.
 */
export async function guardKeys(lane: Lane, { copy, task, keys, signal }: GivenKeys): Promise<void> {
  let extra = 0;
  for (const { tableId, keys: page } of pagesOf(keys)) {
    signal.throwIfAborted();
    const gone = await lane.deps.strategy.missing(lane, { tableId, keys: page }, signal);
    if (lane.current().copy?.id !== copy.id) return;
    extra += await heldOf(lane, tableId, gone);
  }
  const held = extra > ALWAYS_REMOVABLE ? await countHeld(lane, signal) : extra;
  const counted = { extra, held };
  const guard = lane.driver.guardOf(copy);
  const refusal = guard && removalRefusal(guard, counted);
  const seen: CopyProgress = { ...copy, task: { ...task, counted } };
  const next = refusal ? lane.driver.stopped(seen, refusal) : seen;
  await lane.moveTo({ ...lane.current(), copy: next }, EMPTY_BATCH);
}

function* pagesOf(
  keys: readonly TableKey[],
): Generator<{ readonly tableId: number; readonly keys: readonly string[] }> {
  for (const tableId of new Set(keys.map((key) => key.tableId))) {
    const ofTable = [...new Set(keys.filter((key) => key.tableId === tableId).map(({ key }) => key))];
    for (let at = 0; at < ofTable.length; at += ASKED_AT_ONCE) {
      yield { tableId, keys: ofTable.slice(at, at + ASKED_AT_ONCE) };
    }
  }
}

/** How many of the keys the target holds. */
async function heldOf(lane: Lane, tableId: number, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0;
  const { position } = lane.current();
  const states = keys.map((key): KeyState => ({ tableId, key, document: null, carry: null, position }));
  return (await lane.deps.target.compare(states)).removed;
}

async function countHeld(lane: Lane, signal: AbortSignal): Promise<number> {
  const { strategy, target } = lane.deps;
  let held = 0;
  for (const tableId of strategy.sweptTables) {
    for await (const keys of target.keys(tableId, COUNTED_AT_ONCE)) {
      signal.throwIfAborted();
      held += new Set(keys).size;
    }
  }
  return held;
}
