import { type ChangedField } from '@astro/contracts';

export type RowImage = Readonly<Record<string, unknown>>;

/** The two images of a row, as far as the source sent them. */
export interface RowImages {
  readonly op: string;
  readonly before: RowImage | null;
  readonly after: RowImage | null;
  /** Large columns that kept their value; `after` holds null in their place. */
  readonly unchanged: readonly string[];
}

/** A JSON object, or null for anything else; row images come from other people's databases. */
export function parseImage(text: string | null): RowImage | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as RowImage) : null;
  } catch {
    return null;
  }
}

/**
 * Every field with what happened to it, in the order of the row. Without the whole row before (it needs
 * `REPLICA IDENTITY FULL`) it is not known whether a field differs.
 */
export function changedFields({ op, before, after, unchanged }: RowImages): ChangedField[] {
  if (op === 'insert') return fieldsOf(after, (name, value) => ({ name, after: value, kind: 'added' }));
  if (op === 'delete') return fieldsOf(before, (name, value) => ({ name, before: value, kind: 'removed' }));
  if (!after) return [];
  const kept = new Set(unchanged);
  return Object.entries(after).map(([name, value]) => {
    const isKnown = before !== null && Object.hasOwn(before, name);
    if (kept.has(name)) return { name, kind: 'same', ...(isKnown && { before: before[name], after: before[name] }) };
    if (!isKnown) return { name, after: value, kind: 'unknown' };
    return { name, before: before[name], after: value, kind: isSame(before[name], value) ? 'same' : 'changed' };
  });
}

/** Names of the fields that an update changed; null when the row before is not known, or the op has no such fields. */
export function changedNames(images: RowImages): string[] | null {
  if (images.op !== 'update') return null;
  const fields = changedFields(images);
  if (fields.some(({ kind }) => kind === 'unknown')) return null;
  return fields.flatMap(({ name, kind }) => (kind === 'changed' ? [name] : []));
}

function fieldsOf(image: RowImage | null, field: (name: string, value: unknown) => ChangedField): ChangedField[] {
  return image ? Object.entries(image).map(([name, value]) => field(name, value)) : [];
}

/** Values of row images are scalars; what is nested compares by its text. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
