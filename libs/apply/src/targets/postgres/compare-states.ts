import type { Comparison, KeyState } from '../target.js';
import { arrayLiteral } from './array-literal.js';
import { columnValues, keyValues, planBatch } from './batch-plan.js';
import { compareSql, countSql } from './statements.js';
import type { TargetSession } from './target-session.js';

/** What writing these states would do to the tables of the session. */
export async function compareStates(session: TargetSession, states: readonly KeyState[]): Promise<Comparison> {
  let [inserted, changed, removed] = [0, 0, 0];
  for (const { shape, deleted, groups } of planBatch({ truncated: [], states }, await session.tableShapes())) {
    for (const group of groups) {
      const values = columnValues(group, shape).map(arrayLiteral);
      const rows = await session.run(shape, compareSql(shape, group.columns), values);
      inserted += Number(rows[0]?.[0]);
      changed += Number(rows[0]?.[1]);
    }
    if (deleted.length === 0) continue;
    const rows = await session.run(shape, countSql(shape), keyValues(deleted, shape).map(arrayLiteral));
    removed += Number(rows[0]?.[0]);
  }
  return { inserted, changed, removed, same: states.length - inserted - changed - removed };
}
