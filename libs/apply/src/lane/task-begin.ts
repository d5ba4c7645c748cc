import {
  EMPTY_TALLY,
  assertNever,
  formatLsn,
  type CopyProgress,
  type LaneTask,
  type LaneTasks,
  type TaskProgress,
} from '@astro/sync-core';
import { randomUUID } from 'node:crypto';
import type { RunSource } from '../source/run-source.js';
import type { Target } from '../targets/target.js';

/** How a lane comes to work for runs. */
export interface TaskAccess {
  readonly port: LaneTasks;
  readonly source: RunSource;
}

/** The lane's own copy as the run's, which goes on where it stands. */
export async function adopted(task: LaneTask, copy: CopyProgress, { source }: TaskAccess): Promise<CopyProgress> {
  return { ...copy, task: { item: task.item, owed: true, total: await source.totalRows(), tally: EMPTY_TALLY } };
}

/**
 * The progress with which a run's work begins. The position stays where it is: nothing is skipped, so the target is as
 * complete as before all the time.
 */
export async function started(
  { item, work, ...asked }: LaneTask,
  { port, source }: TaskAccess,
  target: Pick<Target, 'isEmpty'>,
): Promise<CopyProgress> {
  const id = `item-${item}-${randomUUID().slice(0, 8)}`;
  const task: TaskProgress = { item, owed: false, total: null, tally: EMPTY_TALLY };
  const copy: CopyProgress = { id, tableIndex: 0, afterKey: null, rows: 0, phase: 'pages', sweep: true, task };
  switch (work.kind) {
    case 'catch_up':
      return { ...copy, phase: 'stream', task: { ...task, until: formatLsn(await source.watermark()) } };
    case 'copy': {
      const sweep = !(await target.isEmpty());
      return { ...copy, phase: 'rows', sweep, task: { ...task, total: await source.totalRows() } };
    }
    case 'keys':
      return { ...copy, task: { ...task, total: work.keys.length } };
    case 'filter':
      return { ...copy, task: { ...task, total: await source.countMatching(work) } };
    case 'mend': {
      const { total } = await port.differing({ item, work, ...asked }, null, 1);
      return { ...copy, task: { ...task, total } };
    }
    default:
      return assertNever(work);
  }
}
