import { encodeKey, type CopyProgress, type LaneTask, type LaneTasks, type TableKey } from '@astro/sync-core';
import { EMPTY_BATCH } from '../targets/target.js';
import type { RunSource } from '../source/run-source.js';
import type { Lane } from './lane.js';
import { endOf, keyRange } from './strategy-tools.js';
import { guardKeys, type GivenKeys } from './task-guard.js';

const PAGE_KEYS = 500;

/** A page of the keys that a run has chosen, and the cursor after it; null: it is the last one. */
interface KeyPage {
  readonly keys: readonly TableKey[];
  readonly next: readonly string[] | null;
}

export interface PageStep {
  readonly copy: CopyProgress;
  readonly task: LaneTask;
  readonly signal: AbortSignal;
}

/** Writes chosen rows of a run through the lane, page by page, each with the cursor in one step. */
export class TaskPages {
  constructor(
    private readonly lane: Lane,
    private readonly port: LaneTasks,
    private readonly source: RunSource,
  ) {}

  async step(step: PageStep): Promise<void> {
    const given = givenKeys(step);
    if (!given) return this.write(step);
    await this.checkKeys(given);
    return guardKeys(this.lane, given);
  }

  private async checkKeys({ keys }: GivenKeys): Promise<void> {
    for (const tableId of new Set(keys.map((key) => key.tableId))) {
      const ofTable = keys.filter((key) => key.tableId === tableId).map(({ key }) => key);
      await this.source.checkKeys(tableId, ofTable);
    }
  }

  private async write({ copy, task, signal }: PageStep): Promise<void> {
    const { lane } = this;
    const startedAtMs = Date.now();
    const { keys, next } = await this.page(task, copy.afterKey);
    let left = keys;
    let ask = keys;
    while (ask.length > 0) {
      const fetched = await lane.deps.strategy.fetch(lane, ask, signal);
      const now = lane.current().copy;
      if (now?.id !== copy.id) return; // a new copy began while this one streamed
      const done = ask.length - fetched.left.length;
      left = [...fetched.left, ...left.slice(ask.length)];
      await lane.copyStates({ ...lane.current(), copy: { ...now, rows: now.rows + done } }, fetched.states);
      ask = done > 0 ? left : left.slice(0, Math.ceil(ask.length / 2));
    }
    const now = lane.current().copy;
    if (now?.id !== copy.id) return;
    await lane.moveTo({ ...lane.current(), copy: next ? { ...now, afterKey: next } : endOf(now) }, EMPTY_BATCH);
    if (keys.length > 0) await this.record(copy, keys, startedAtMs);
  }

  private async page({ work, ...task }: LaneTask, after: readonly string[] | null): Promise<KeyPage> {
    const limit = this.lane.driver.rowsAtOnce(PAGE_KEYS);
    switch (work.kind) {
      case 'keys': {
        const start = Number(after?.[0] ?? 0);
        const end = start + limit;
        return { keys: work.keys.slice(start, end), next: end < work.keys.length ? [String(end)] : null };
      }
      case 'filter': {
        const { tableId } = work;
        const found = await this.source.matchingKeys(work, { afterKey: after, limit });
        const keys = found.map((texts) => ({ tableId, key: encodeKey(texts) }));
        return { keys, next: found.length < limit ? null : (found[found.length - 1] ?? null) };
      }
      case 'mend': {
        const { keys, next } = await this.port.differing({ ...task, work }, after?.[0] ?? null, limit);
        return { keys, next: next === null ? null : [next] };
      }
      default:
        return { keys: [], next: null };
    }
  }

  private async record(copy: CopyProgress, keys: readonly TableKey[], startedAtMs: number): Promise<void> {
    const [first] = keys as readonly [TableKey];
    await this.lane.deps.journal.copied({
      copyId: copy.id,
      jobType: 'repair',
      entityType: this.lane.entityType(first.tableId),
      entityId: keyRange(first.key, keys[keys.length - 1]?.key),
      rows: keys.length,
      removed: 0,
      startedAtMs,
    });
  }
}

/** The keys that are to be looked at before the first of them is written; null: they were, or nothing guards the task. */
function givenKeys({ copy, task: { guard, work }, signal }: PageStep): GivenKeys | null {
  const { task } = copy;
  if (!guard || work.kind !== 'keys' || !task || task.counted) return null;
  return { copy, task, keys: work.keys, signal };
}
