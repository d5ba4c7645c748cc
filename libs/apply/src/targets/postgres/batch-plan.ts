import { decodeKey, fieldText } from '@astro/sync-core';
import type { KeyState, TargetBatch } from '../target.js';
import { missing, type Shapes, type TableShape } from './table-shape.js';

/** States of one table that have the same columns, and so take one statement. */
export interface StateGroup {
  /** Columns whose values come with the documents, the key columns first. */
  readonly columns: readonly string[];
  /** Columns that keep the value the target has under `fromKey`. */
  readonly carried: readonly string[];
  /** The carried values stand under another key. */
  readonly renamed: boolean;
  readonly states: KeyState[];
  /** Of the states, in their order. */
  readonly documents: Document[];
}

type Document = Readonly<Record<string, string | number | boolean | null>>;

export interface TablePlan {
  readonly shape: TableShape;
  readonly deleted: string[];
  readonly groups: readonly StateGroup[];
}

/** Sorts a batch by table, parents first, and by columns. Tables without a state are left out. Pure. */
export function planBatch({ states }: TargetBatch, shapes: Shapes): readonly TablePlan[] {
  const builders = new Map<number, PlanBuilder>();
  for (const state of states) {
    let builder = builders.get(state.tableId);
    if (!builder) builders.set(state.tableId, (builder = new PlanBuilder(shapeOf(shapes, state.tableId))));
    builder.add(state);
  }
  return shapes.parentsFirst.flatMap((shape) => builders.get(shape.tableId)?.plan ?? []);
}

export function shapeOf(shapes: Shapes, tableId: number): TableShape {
  const shape = shapes.byId.get(tableId);
  if (!shape) throw new Error(`table ${tableId} is not part of this lane's target`);
  return shape;
}

class PlanBuilder {
  private readonly deleted: string[] = [];
  private readonly groups = new Map<string, StateGroup>();

  constructor(private readonly shape: TableShape) {}

  get plan(): TablePlan {
    return { shape: this.shape, deleted: this.deleted, groups: [...this.groups.values()] };
  }

  add(state: KeyState): void {
    if (state.document === null) {
      this.deleted.push(state.key);
      return;
    }
    const document = JSON.parse(state.document) as Document;
    const present = Object.keys(document);
    const renamed = state.carry !== null && state.carry.fromKey !== state.key;
    const id = JSON.stringify(state.carry ? [present, state.carry.columns, renamed] : present);
    let group = this.groups.get(id);
    if (!group) this.groups.set(id, (group = this.newGroup(present, state.carry, renamed)));
    group.states.push(state);
    group.documents.push(document);
  }

  private newGroup(present: readonly string[], carry: KeyState['carry'], renamed: boolean): StateGroup {
    const { keyColumns } = this.shape;
    const written = writableColumns(this.shape, present).filter((name) => !keyColumns.includes(name));
    const carried = written.filter((name) => carry?.columns.includes(name));
    const sent = written.filter((name) => !carried.includes(name));
    return { columns: [...keyColumns, ...sent], carried, renamed, states: [], documents: [] };
  }
}

/**
 * Those of `present` that this target writes, in that order.
 * @throws {ConfigError} when the target table lacks one of them
 */
export function writableColumns(shape: TableShape, present: readonly string[]): readonly string[] {
  const chosen = shape.columns && new Set([...shape.columns, ...shape.keyColumns]);
  return present.filter((name) => {
    if (chosen && !chosen.has(name)) return false;
    const column = shape.columnsByName.get(name);
    if (!column) throw missing(shape, `has no column "${name}"`);
    return !column.generated;
  });
}

/** The values of the group's `columns`, one array per column. Keys come from the state: they are never missing there. */
export function columnValues({ columns, states, documents }: StateGroup, shape: TableShape): (string | null)[][] {
  const keys = keyValues(
    states.map(({ key }) => key),
    shape,
  );
  const others = columns.slice(keys.length);
  return [...keys, ...others.map((name) => documents.map((document) => fieldText(document[name] ?? null)))];
}

/** One array per key column. */
export function keyValues(keys: readonly string[], shape: TableShape): string[][] {
  const width = shape.keyColumns.length;
  const decoded = keys.map((key) => decodeKey(key, width));
  return shape.keyColumns.map((_name, i) => decoded.map((key) => key[i] as string));
}
