import type { UniqueIndexRow } from './shape-queries.js';
import type { TableShape, TargetColumn } from './table-shape.js';

/** SQL of a value that no other row has, for a column whose row is written again in the same transaction. */
function parkingValue({ required, category, type, modifier }: TargetColumn, nullsEqual: boolean): string | null {
  if (!required && !nullsEqual) return 'NULL';
  const maxCharacters = modifier > 4 ? modifier - 4 : 36;
  if (category === 'S') return `left(gen_random_uuid()::text, ${maxCharacters})`;
  switch (type) {
    case 'uuid':
      return 'gen_random_uuid()';
    case 'smallint':
      return '(-1 - floor(random() * 32767))::smallint';
    case 'integer':
    case 'bigint':
    case 'numeric':
      return '(-1 - floor(random() * 2147483646))::integer';
    default:
      return null;
  }
}

/**
 * A column of the index that can be parked, with the SQL of its value: one of `written`, because only those get
 * their value back, and not of the key. Null when there is none.
 */
export function parkingColumn(
  shape: TableShape,
  index: UniqueIndexRow,
  written: ReadonlySet<string>,
): readonly [name: string, sql: string] | null {
  for (const name of columnsOf(index)) {
    const column = shape.columnsByName.get(name);
    if (!column || !written.has(name) || shape.keyColumns.includes(name)) continue;
    const nullsEqual = shape.uniques.some((other) => other.nullsEqual && columnsOf(other).has(name));
    const value = parkingValue(column, nullsEqual);
    if (value !== null) return [name, value];
  }
  return null;
}

function columnsOf({ columns, involved }: UniqueIndexRow): ReadonlySet<string> {
  return new Set([...(columns ?? []).map(({ name }) => name), ...involved]);
}

/** For every unique index of the table, as far as possible. */
export function parkingColumns(shape: TableShape, written: ReadonlySet<string>): ReadonlyMap<string, string> {
  const parked = new Map<string, string>();
  for (const index of shape.uniques) {
    const column = parkingColumn(shape, index, written);
    if (column) parked.set(...column);
  }
  return parked;
}

/** True when every column that may be written is, so that a row can be deleted and inserted again without loss. */
export function isWholeRow(shape: TableShape, written: ReadonlySet<string>): boolean {
  for (const { name, generated } of shape.columnsByName.values()) if (!generated && !written.has(name)) return false;
  return true;
}
