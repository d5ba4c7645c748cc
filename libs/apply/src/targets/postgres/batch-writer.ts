import type { KeyState } from '../target.js';
import { arrayLiteral } from './array-literal.js';
import { columnValues, keyValues, type StateGroup, type TablePlan } from './batch-plan.js';
import { isWholeRow, parkingColumns } from './parking.js';
import {
  createStashSql,
  deleteSql,
  fillStashSql,
  parkSql,
  updateSql,
  upsertSql,
  upsertWithStashSql,
} from './statements.js';
import type { TableShape } from './table-shape.js';
import type { TargetSession } from './target-session.js';

/**
 * Brings the rows of a batch into their last state, inside the caller's transaction.
 *
 * The usual order: rows that nothing refers to are deleted first (their unique values may be needed), then rows are
 * written, parents first, then the other rows are deleted, children first, when nothing refers to them any more.
 * `makeRoom` is for batches whose rows are in each other's way, such as two rows that exchange a unique value:
 * all rows of the batch first give up their unique values, by being deleted where that loses nothing, else by
 * taking others for a moment.
 */
export class BatchWriter {
  private stashCount = 0;
  private readonly incomplete: KeyState[] = [];

  constructor(
    private readonly session: TargetSession,
    private readonly plans: readonly TablePlan[],
    private readonly makeRoom: boolean,
  ) {}

  /** @returns states that were not written, because the target has no row to take carried columns from */
  async write(): Promise<readonly KeyState[]> {
    const stashes = await this.fillStashes();
    const childrenFirst = [...this.plans].reverse();
    const left: TablePlan[] = [];
    for (const plan of childrenFirst) if (!(await this.clear(plan))) left.push(plan);
    for (const plan of this.plans) {
      for (const group of plan.groups) await this.writeGroup(plan.shape, group, stashes.get(group));
    }
    for (const { shape, deleted } of left) await this.delete(shape, deleted);
    return this.incomplete;
  }

  /** Keeps carried values that would be lost before they are needed: those under another key, or of cleared rows. */
  private async fillStashes(): Promise<ReadonlyMap<StateGroup, string>> {
    const stashes = new Map<StateGroup, string>();
    for (const { shape, groups } of this.plans) {
      for (const group of groups) {
        if (group.carried.length === 0 || !(group.renamed || this.makeRoom)) continue;
        const stash = `target_stash_${++this.stashCount}`;
        await this.session.control(`DROP TABLE IF EXISTS pg_temp.${stash}`);
        await this.session.run(shape, createStashSql(shape, stash, group.carried));
        const fromKeys = group.states.map(({ carry, key }) => carry?.fromKey ?? key);
        const found = await this.onKeys(shape, fillStashSql(shape, stash, group.carried), fromKeys);
        this.noteIncomplete(group, found);
        stashes.set(group, stash);
      }
    }
    return stashes;
  }

  /** Before anything is written. @returns true when the rows to delete are gone */
  private async clear({ shape, deleted, groups }: TablePlan): Promise<boolean> {
    if (this.makeRoom) {
      const keys = [...deleted, ...groups.flatMap(({ states }) => states.map(({ key }) => key))];
      const written = writtenByAll(shape, groups);
      if (!shape.undeletable && isWholeRow(shape, written)) {
        await this.delete(shape, keys);
        return true;
      }
      const parked = parkingColumns(shape, written);
      if (parked.size > 0) await this.onKeys(shape, parkSql(shape, parked), keys);
    }
    if (shape.referenced) return false;
    await this.delete(shape, deleted);
    return true;
  }

  private async writeGroup(shape: TableShape, group: StateGroup, stash: string | undefined): Promise<void> {
    const { columns, carried } = group;
    const values = columnValues(group, shape).map(arrayLiteral);
    if (carried.length === 0) {
      await this.session.run(shape, upsertSql(shape, columns), values);
    } else if (stash !== undefined) {
      await this.session.run(shape, upsertWithStashSql(shape, columns, { stash, carried }), values);
    } else {
      this.noteIncomplete(group, await this.session.run(shape, updateSql(shape, columns), values));
    }
  }

  private async delete(shape: TableShape, keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.onKeys(shape, deleteSql(shape), keys);
  }

  private onKeys(shape: TableShape, sql: string, keys: readonly string[]): Promise<(string | null)[][]> {
    return this.session.run(shape, sql, keyValues(keys, shape).map(arrayLiteral));
  }

  /** @param found one row per state that has its carried values: its number, from 1 */
  private noteIncomplete({ states }: StateGroup, found: readonly (string | null)[][]): void {
    if (found.length === states.length) return;
    const complete = new Set(found.map(([n]) => Number(n)));
    this.incomplete.push(...states.filter((_state, i) => !complete.has(i + 1)));
  }
}

/** Columns that get a value in every row of the batch; all, when none is written. */
function writtenByAll(shape: TableShape, groups: readonly StateGroup[]): ReadonlySet<string> {
  const everywhere = [...shape.columnsByName.keys()].filter((name) =>
    groups.every(({ columns, carried }) => columns.includes(name) || carried.includes(name)),
  );
  return new Set(everywhere);
}
