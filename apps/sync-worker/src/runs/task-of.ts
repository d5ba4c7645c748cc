import { ConfigError, tableName, type CapturedTable, type LaneTask, type TaskWork } from '@astro/sync-core';
import type { HeldItem } from './held-items.js';
import { stageOf } from './stage.js';

/** True while the lane works on the item; else both sides are being compared, which needs no lane. */
export function isForLane({ claimed, stateData }: HeldItem): boolean {
  if (claimed.isPreview || claimed.mode === 'verify') return false;
  return claimed.mode !== 'repair' || ['mend', 'copy'].includes(stageOf(stateData).stage);
}

/**
 * What an item that {@link isForLane} asks of its lane.
 * @throws {ConfigError} when the item names what the data set does not have
 */
export function taskOf({ id, claimed, wanted, stateData }: HeldItem, tables: readonly CapturedTable[]): LaneTask {
  const work = workOf({ mode: claimed.mode, scope: claimed.scope, stateData }, tables);
  const { limits, dataSet } = claimed;
  const { maxRemovalShare, maxDeviationShare } = limits;
  return {
    item: id,
    work,
    intent: wanted.control === 'run' ? 'go' : wanted.control,
    maxRowsPerSecond: wanted.rateRowsPerS,
    guard: { maxRemovalShare, maxDeviationShare, expected: limits.expected?.[dataSet] ?? null },
  };
}

type Asked = Pick<HeldItem['claimed'], 'mode' | 'scope'> & { readonly stateData: unknown };

function workOf({ mode, scope, stateData }: Asked, tables: readonly CapturedTable[]): TaskWork {
  if (mode === 'incremental') return { kind: 'catch_up' };
  if (mode === 'repair' && stageOf(stateData).stage === 'mend') return { kind: 'mend' };
  if (scope.keys && scope.filter) throw new ConfigError('Name either keys or a filter, not both.');
  if (scope.keys) {
    const { id: tableId } = tableOf(scope.table, tables);
    return { kind: 'keys', keys: scope.keys.map((key) => ({ tableId, key })) };
  }
  if (scope.filter) return { kind: 'filter', tableId: tableOf(scope.table, tables).id, conditions: scope.filter };
  return { kind: 'copy' };
}

/** @throws {ConfigError} when the data set has no such table */
export function tableOf(name: string | undefined, tables: readonly CapturedTable[]): CapturedTable {
  const table = name === undefined ? tables[0] : tables.find((candidate) => tableName(candidate.table) === name);
  if (!table) throw new ConfigError(`The data set has no table ${name ?? ''}.`);
  return table;
}
