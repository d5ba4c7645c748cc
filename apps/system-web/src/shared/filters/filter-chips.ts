import { type FilterChip } from '@astro/web-ui';

interface ChipsInput<S extends object> {
  readonly search: S;
  /** The names of the filters for people, by param; params without a name are no filters. */
  readonly names: Partial<Record<keyof S & string, string>>;
  readonly onChange: (change: Partial<S>) => void;
}

/** A chip for every filter of the address that is on. */
export function chipsOf<S extends object>({ search, names, onChange }: ChipsInput<S>): FilterChip[] {
  const values = new Map<string, unknown>(Object.entries(search));
  return Object.entries<string | undefined>(names).flatMap(([key, name = key]) => {
    const value = values.get(key);
    const all = listOf(value);
    return all.map((one) => ({
      id: `${key}:${String(one)}`,
      label: one === true ? name : `${name}: ${words(one)}`,
      onRemove: () =>
        onChange(changeOf<S>(key, Array.isArray(value) ? all.filter((other) => other !== one) : undefined)),
    }));
  });
}

/** A change that takes every filter away. */
export function withoutFilters<S extends object>(names: Partial<Record<keyof S & string, string>>): Partial<S> {
  return Object.assign({}, ...Object.keys(names).map((key) => changeOf<S>(key, undefined))) as Partial<S>;
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === false ? [] : [value];
}

const words = (value: unknown): string => (typeof value === 'string' ? value.replaceAll('_', ' ') : String(value));

/** The route's rules turn `undefined` into the param's default. */
function changeOf<S extends object>(key: string, value: unknown): Partial<S> {
  return { [key]: value } as Partial<S>;
}
