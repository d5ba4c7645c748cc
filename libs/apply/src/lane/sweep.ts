import { removalRefusal, type CopyProgress, type ExtraRows, type TaskProgress } from '@astro/sync-core';
import { EMPTY_BATCH, type KeyState } from '../targets/target.js';
import type { Lane } from './lane.js';
import { endOf, keyRange } from './strategy-tools.js';

const SWEEP_PAGE_KEYS = 5000;

/**
 * Removes what the target holds and the source does not. For a run that has a guard everything is looked at before
 * anything is removed, and what is too much stops it; a reading that fails half way removes nothing (P13, W41).
 */
export async function sweepStep(lane: Lane, copy: CopyProgress, signal: AbortSignal): Promise<void> {
  const guard = lane.driver.guardOf(copy);
  if (guard && copy.task && !copy.task.counted) return countExtra(lane, { copy, task: copy.task }, signal);
  const isWhole = await walk(lane, { copy, signal }, async (page) => {
    const now = lane.current().copy;
    if (!now || page.gone.length === 0) return true;
    const removed = (now.task?.tally.removed ?? 0) + page.gone.length;
    const held = now.task?.counted?.held ?? 0;
    const refusal = guard && removalRefusal(guard, { extra: removed, held });
    if (!refusal) await remove(lane, now, page);
    else await lane.moveTo({ ...lane.current(), copy: lane.driver.stopped(now, refusal) }, EMPTY_BATCH);
    return !refusal;
  });
  const now = lane.current().copy;
  if (isWhole && now) await lane.moveTo({ ...lane.current(), copy: endOf(now) }, EMPTY_BATCH);
}

async function countExtra(
  lane: Lane,
  { copy, task }: { readonly copy: CopyProgress; readonly task: TaskProgress },
  signal: AbortSignal,
): Promise<void> {
  const extra = new Set<string>();
  let held = 0;
  const isWhole = await walk(lane, { copy, signal }, ({ tableId, keys, gone }) => {
    held += keys.length;
    for (const key of gone) extra.add(`${tableId}:${key}`);
    return Promise.resolve(true);
  });
  if (!isWhole) return;
  const counted: ExtraRows = { extra: extra.size, held };
  const seen: CopyProgress = { ...copy, task: { ...task, counted } };
  await lane.moveTo({ ...lane.current(), copy: nextOf(lane, seen, counted) }, EMPTY_BATCH);
}

function nextOf(lane: Lane, copy: CopyProgress, counted: ExtraRows): CopyProgress | null {
  const guard = lane.driver.guardOf(copy);
  const refusal = guard && removalRefusal(guard, counted);
  if (refusal) return lane.driver.stopped(copy, refusal);
  return counted.extra === 0 ? endOf(copy) : copy;
}

interface Page {
  readonly tableId: number;
  readonly keys: readonly string[];
  /** Those that the source does not have. */
  readonly gone: readonly string[];
}

/** @returns false when the copy ended, or `visit` said so, before every key was seen */
async function walk(
  lane: Lane,
  { copy, signal }: { readonly copy: CopyProgress; readonly signal: AbortSignal },
  visit: (page: Page) => Promise<boolean>,
): Promise<boolean> {
  const { strategy, target } = lane.deps;
  for (const tableId of strategy.sweptTables) {
    for await (const found of target.keys(tableId, SWEEP_PAGE_KEYS)) {
      signal.throwIfAborted();
      const keys = [...new Set(found)];
      const gone = keys.length === 0 ? [] : await strategy.missing(lane, { tableId, keys }, signal);
      if (lane.current().copy?.id !== copy.id) return false;
      if (!(await visit({ tableId, keys, gone }))) return false;
    }
  }
  return true;
}

async function remove(lane: Lane, copy: CopyProgress, { tableId, gone }: Page): Promise<void> {
  const startedAtMs = Date.now();
  const { position } = lane.current();
  const states = gone.map((key): KeyState => ({ tableId, key, document: null, carry: null, position }));
  await lane.copyStates({ ...lane.current(), copy }, states);
  await lane.deps.journal.copied({
    copyId: copy.id,
    jobType: 'copy',
    entityType: lane.entityType(tableId),
    entityId: keyRange(gone[0], gone[gone.length - 1]),
    rows: 0,
    removed: gone.length,
    startedAtMs,
  });
}
