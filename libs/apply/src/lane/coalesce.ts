import { joinDocument, splitDocument, jsonString, type DocumentField, type LaneChange } from '@astro/sync-core';
import type { KeyState, TargetBatch } from '../targets/target.js';

/**
 * The last state of each key after `changes`, in commit order. Pure.
 * `relation` changes are not for here: the caller has cut the page before them.
 */
export function coalesce(changes: readonly LaneChange[]): TargetBatch {
  const truncated = new Set<number>();
  const states = new Map<string, KeyState>();
  for (const change of changes) {
    if (change.op === 'truncate') {
      truncated.add(change.tableId);
      forgetTable(states, change.tableId);
    } else {
      applyChange(states, change);
    }
  }
  return { truncated: [...truncated], states: [...states.values()] };
}

function forgetTable(states: Map<string, KeyState>, tableId: number): void {
  for (const [id, state] of states) if (state.tableId === tableId) states.delete(id);
}

function applyChange(states: Map<string, KeyState>, change: LaneChange): void {
  const id = stateId(change.tableId, change.key);
  const { oldKey } = change;
  const fromId = oldKey === null ? id : stateId(change.tableId, oldKey);
  const previous = states.get(fromId);
  if (oldKey !== null) states.set(fromId, gone(change, oldKey));
  states.delete(id); // so that the map keeps the order of the last change of each key
  states.set(id, change.op === 'delete' ? gone(change, change.key) : present(change, oldKey ?? change.key, previous));
}

function stateId(tableId: number, key: string): string {
  return `${tableId}:${key}`;
}

function gone({ tableId, commitLsn, seq }: LaneChange, key: string): KeyState {
  return { tableId, key, document: null, carry: null, position: { commitLsn, seq } };
}

function present(change: LaneChange, fromKey: string, previous: KeyState | undefined): KeyState {
  const { tableId, key, commitLsn, seq, unchanged } = change;
  const document = change.after as string;
  const position = { commitLsn, seq };
  if (unchanged === null) return { tableId, key, document, carry: null, position };
  if (!previous || previous.document === null) {
    return { tableId, key, document, carry: { fromKey, columns: unchanged }, position };
  }
  const merged = mergeDocuments(previous.document, document, unchanged);
  const stillMissing = previous.carry?.columns.filter((column) => unchanged.includes(column)) ?? [];
  const carry = previous.carry && stillMissing.length > 0 ? { ...previous.carry, columns: stillMissing } : null;
  return { tableId, key, document: merged, carry, position };
}

/** `partial` with the values of `columns` taken from `base`; the rest, and the order of columns, as it is. */
export function mergeDocuments(base: string, partial: string, columns: readonly string[]): string {
  const wanted = new Set(columns.map((column) => jsonString(column)));
  const kept = new Map(splitDocument(base));
  return joinDocument(
    splitDocument(partial).map(([label, value]): DocumentField => [
      label,
      wanted.has(label) ? (kept.get(label) ?? value) : value,
    ]),
  );
}
