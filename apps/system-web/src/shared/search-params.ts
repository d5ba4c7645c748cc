import { type SearchMiddleware, type SearchSchemaInput } from '@tanstack/react-router';
import { z } from 'zod';
import { noteIgnored } from './ignored-filters.js';

type Shape = Readonly<Record<string, z.ZodType>>;
type Output<S extends Shape> = z.output<z.ZodObject<S>>;
/** Links name only what differs from the defaults; `undefined` is the default too. */
type Input<S extends Shape> = { readonly [K in keyof Output<S>]?: Output<S>[K] | undefined };

/** What a route needs of its search params. */
interface SearchRules<S extends Shape> {
  readonly validateSearch: (input: Input<S> & SearchSchemaInput) => Output<S>;
  readonly search: { readonly middlewares: [SearchMiddleware<Output<S>>] };
}

/**
 * The search params of a page. Each field must take `undefined`: that is its default. A broken value in an address
 * falls back to it and the shell says that a filter was ignored; a default is never printed. Make fields with `param`.
 */
export function searchRules<S extends Shape>(shape: S): SearchRules<S> {
  const defaults = readSearch(shape, {}).values;
  return {
    validateSearch: (input) => {
      const { values, ignored } = readSearch(shape, input);
      noteIgnored(ignored);
      return values;
    },
    search: {
      middlewares: [({ search, next }) => withoutDefaults(next(search), defaults)],
    },
  };
}

/** Reads every field by itself, so that one broken filter leaves the others alone. */
export function readSearch<S extends Shape>(shape: S, input: Readonly<Record<string, unknown>>) {
  const ignored: string[] = [];
  const entries = Object.entries(shape).map(([key, field]) => {
    const parsed = field.safeParse(input[key]);
    if (!parsed.success) ignored.push(key);
    const value = parsed.success ? parsed.data : field.parse(undefined);
    // Also `undefined` is said: the router would fill a param that is not there with what the address has.
    return [key, value] as const;
  });
  // The entries are those of the shape, each read by its own field.
  return { values: Object.fromEntries(entries) as Output<S>, ignored };
}

function withoutDefaults<T extends object>(search: T, defaults: object): T {
  const known = new Map<string, unknown>(Object.entries(defaults));
  const kept = Object.entries(search).filter(([key, value]) => !isSame(value, known.get(key)));
  return Object.fromEntries(kept) as T;
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Fields for `searchRules`. */
export const param = {
  /** Some text, such as a name or a key. */
  text: (maxLength = 500) => z.string().min(1).max(maxLength).optional(),
  /** One of some words. */
  word: <const W extends readonly string[]>(words: W) => z.enum(words).optional(),
  /** One of some words, the first unless given: a tab. */
  tab: <const W extends readonly [string, ...string[]]>(words: W) =>
    z
      .enum(words)
      .optional()
      .transform((word): W[number] => word ?? words[0]),
  /** Any number of some words. */
  words: <const W extends readonly string[]>(words: W) => list(z.enum(words)),
  /** Any number of names. */
  texts: (maxLength = 200) => list(z.string().min(1).max(maxLength)),
  /** On or off; off unless given. */
  flag: () =>
    z
      .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
      .optional()
      .transform((value) => value ?? false),
  /** Rows on a page, as the tables offer them. */
  limit: () =>
    z.coerce
      .number()
      .pipe(z.union([z.literal(25), z.literal(50), z.literal(100)]))
      .default(50),
  /** The `nextCursor` of the page before. */
  cursor: () => z.string().min(1).max(2_000).optional(),
  /** ISO 8601, or `now` with an optional distance such as `now-6h`. */
  instant: () =>
    z
      .string()
      .regex(/^now(-\d{1,4}[mhd])?$|^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/)
      .optional(),
} as const;

/** One value of an address is a list of one. */
function list<T extends z.ZodType>(item: T) {
  const items = z.union([z.array(item), item.transform((one) => [one])]);
  return items.optional().transform((value) => value ?? []);
}

/** `a=1&b=x&b=y` instead of JSON, so that people can read and write addresses. */
export function printSearch(search: Readonly<Record<string, unknown>>): string {
  const printed = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one !== undefined && one !== null) printed.append(key, textOf(one));
    }
  }
  const text = printed.toString();
  return text === '' ? '' : `?${text}`;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The other way round: every value is text, and a key that comes twice is a list. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const parsed = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(parsed.keys())].map((key) => {
      const values = parsed.getAll(key);
      return [key, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}
