import { type FieldPath, type UseFormSetError } from 'react-hook-form';
import { ApiError } from '../../shared/api-error.js';
import { type SyncValues } from './sync-form.js';

type Field = FieldPath<SyncValues>;

/**
 * Puts what the server refuses in a scope on the fields that it is about, and the focus on the first of them.
 * @returns false when it says something that no field is about, which has to be said elsewhere
 */
export function setScopeErrors(error: unknown, setError: UseFormSetError<SyncValues>): boolean {
  if (!(error instanceof ApiError)) return false;
  const byField = new Map<Field, string[]>();
  for (const { pointer, detail } of error.errors) {
    const place = placeOf(pointer);
    if (place) byField.set(place.field, [...(byField.get(place.field) ?? []), `${place.prefix}${detail}`]);
  }
  [...byField].forEach(([field, details], index) =>
    setError(field, { type: 'server', message: details.join(' ') }, { shouldFocus: index === 0 }),
  );
  return byField.size > 0 && error.errors.every(({ pointer }) => placeOf(pointer) !== null);
}

interface Place {
  readonly field: Field;
  /** Which of many in the field. */
  readonly prefix: string;
}

const SIMPLE: readonly (readonly [pointer: string, field: Field])[] = [
  ['/datasets', 'dataSets'],
  ['/mode', 'mode'],
  ['/options/table', 'table'],
  ['/options/rateLimitRowsPerS', 'rateLimit'],
  ['/options/keys', 'keys'],
  ['/options/filter', 'filter.0.column'],
];

/** Where a JSON pointer of the request is in the form; `null` when it is nowhere. */
export function placeOf(pointer: string): Place | null {
  const condition = /^\/options\/filter\/(\d+)(?:\/(column|operator|value))?/.exec(pointer);
  if (condition) {
    const [, index = '0', part = 'column'] = condition;
    return { field: `filter.${Number(index)}.${part as 'column' | 'operator' | 'value'}`, prefix: '' };
  }
  const key = /^\/options\/keys\/(\d+)/.exec(pointer);
  if (key) return { field: 'keys', prefix: `Key ${Number(key[1]) + 1}: ` };
  const found = SIMPLE.find(([start]) => pointer === start || pointer.startsWith(`${start}/`));
  return found ? { field: found[1], prefix: '' } : null;
}
