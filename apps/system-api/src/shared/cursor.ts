import { z } from 'zod';
import { idSchema } from '@astro/contracts';
import { ApiProblem } from './api-problem.js';

/** Writes where the next page begins: the sort values of the last item. Opaque to callers. */
export function encodeCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * Reads a cursor that {@link encodeCursor} wrote.
 * @param shape what the position of this list looks like
 * @throws {ApiProblem} 400 for a cursor that was made up or belongs to another list
 */
export function decodeCursor<T extends z.ZodType>(cursor: string, shape: T): z.output<T> {
  const parsed = shape.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new ApiProblem(400, {
    code: 'INVALID_CURSOR',
    detail: 'The cursor is not one of this list. Start again without a cursor.',
    errors: [{ pointer: '/cursor', detail: 'is not a cursor of this list' }],
  });
}

/** A position in a list that is ordered by its numeric id alone. */
export const idPosition = z.tuple([idSchema]);

/**
 * Cuts the one row too many that told whether there is a next page.
 * @param rows at most `limit + 1`, in the order of the list
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { item, position }: { item: (row: Row) => Item; position: (row: Row) => readonly (string | number)[] },
): { items: Item[]; nextCursor: string | null; asOf: string } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(position(last)) : null;
  return { items: shown.map(item), nextCursor, asOf: new Date().toISOString() };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
