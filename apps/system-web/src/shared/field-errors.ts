import { type FieldPath, type FieldValues, type UseFormSetError } from 'react-hook-form';
import { ApiError } from './api-error.js';

/**
 * Puts the errors of a refused request on the fields that they are about, and the focus on the first.
 * @returns false when the error names none of `fields`, and has to be said elsewhere
 */
export function setFieldErrors<T extends FieldValues>(
  error: unknown,
  fields: readonly FieldPath<T>[],
  setError: UseFormSetError<T>,
): boolean {
  if (!(error instanceof ApiError)) return false;
  const known = error.errors.flatMap(({ pointer, detail }) => {
    const field = fields.find((name) => `/${name.replaceAll('.', '/')}` === pointer);
    return field === undefined ? [] : [{ field, detail }];
  });
  known.forEach(({ field, detail }, index) => setError(field, { message: detail }, { shouldFocus: index === 0 }));
  return known.length > 0;
}
