import { gzipSync } from 'node:zlib';
import type { Redis } from 'ioredis';
import type { Client } from 'pg';

/** `kind key field` of each difference, as a verifier must tell them. */
export type Planted = ReadonlySet<string>;

/** Every field of the rows below, in attribute order. */
export const PLACES = `
CREATE TABLE public.places (
  id int PRIMARY KEY, name text NOT NULL, note text, amount numeric, seats int NOT NULL, at timestamptz NOT NULL,
  open boolean NOT NULL, data json NOT NULL, town text NOT NULL);
INSERT INTO public.places
  SELECT i, 'Place ' || i, CASE WHEN i % 2 = 0 THEN 'Cafe\\u0301 ' || i END, (i || '.50')::numeric, i % 7,
    timestamptz '2026-01-01 10:00Z' + i * interval '1 minute', i % 3 = 0, '{"a": 1, "b": 2}', 'Zürich ' || i
  FROM generate_series(1, 3000) i`;

type Fields = Record<string, unknown>;
type Damage = (fields: Fields, text: string) => string | Buffer | null;

interface CacheKind {
  readonly what: string;
  /** Fields that must be told; null: the document as a whole. */
  readonly fields: readonly (string | null)[];
  readonly damage: Damage;
}

const changed =
  (change: (fields: Fields) => unknown): Damage =>
  (fields) => {
    change(fields);
    return JSON.stringify(fields);
  };

/** Each is planted in documents by itself; `extra` ones are planted apart. */
export const CACHE_KINDS: readonly CacheKind[] = [
  { what: 'missing', fields: [], damage: () => null },
  { what: 'changed text', fields: ['name'], damage: changed((fields) => (fields['name'] = 'elsewhere')) },
  { what: 'number as text', fields: ['seats'], damage: changed((f) => (f['seats'] = String(f['seats']))) },
  { what: 'another number', fields: ['seats'], damage: changed((fields) => (fields['seats'] = 99)) },
  { what: 'missing field', fields: ['note'], damage: changed((fields) => delete fields['note']) },
  { what: 'text instead of null', fields: ['amount'], damage: changed((fields) => (fields['amount'] = null)) },
  { what: 'added field', fields: ['colour'], damage: changed((fields) => (fields['colour'] = 'red')) },
  {
    what: 'case of a name',
    fields: ['name', 'Name'],
    damage: (_fields, text) => text.replace('"name"', '"Name"'),
  },
  { what: 'white space in a value', fields: ['town'], damage: changed((f) => (f['town'] = `${String(f['town'])} `)) },
  { what: 'unicode form', fields: ['town'], damage: changed((f) => (f['town'] = String(f['town']).normalize('NFD'))) },
  {
    what: 'cut off',
    fields: ['at', 'open', 'data', 'town'],
    damage: (_fields, text) => text.slice(0, text.indexOf('"at"') + 9),
  },
  { what: 'compressed', fields: [null], damage: (_fields, text) => gzipSync(text) },
  { what: 'numeric scale', fields: ['amount'], damage: changed((f) => (f['amount'] = `${String(f['amount'])}0`)) },
  { what: 'timestamp', fields: ['at'], damage: changed((f) => (f['at'] = String(f['at']).replace('+00', '+01'))) },
  { what: 'boolean', fields: ['open'], damage: changed((fields) => (fields['open'] = fields['open'] !== true)) },
  { what: 'order of a JSON value', fields: ['data'], damage: changed((f) => (f['data'] = '{"b": 2, "a": 1}')) },
  {
    what: 'order of fields',
    fields: ['id'],
    damage: (fields) => JSON.stringify({ name: fields['name'], id: fields['id'], ...fields }),
  },
  {
    what: 'white space between fields',
    fields: [null],
    damage: (_fields, text) => text.replace(',"name"', ', "name"'),
  },
  { what: 'broken compression', fields: [null], damage: () => Buffer.from('1f8b0000', 'hex') },
  { what: 'no document at all', fields: [null], damage: () => '' },
];

/** Plants `count` differences, extra keys among them, in documents of {@link PLACES}. */
export async function plantInCache(cache: Redis, prefix: string, count: number): Promise<Planted> {
  const planted = new Set<string>();
  for (let i = 0; i < count; i++) {
    const kind = CACHE_KINDS[i % (CACHE_KINDS.length + 1)];
    if (kind) await damageDocument({ cache, prefix, key: String(1 + 2 * i), kind }, planted);
    else {
      const key = String(100_000 + i);
      await cache.set(`${prefix}${key}`, '{}');
      planted.add(`extra ${key}`);
    }
  }
  return planted;
}

interface Victim {
  readonly cache: Redis;
  readonly prefix: string;
  readonly key: string;
  readonly kind: CacheKind;
}

async function damageDocument({ cache, prefix, key, kind }: Victim, planted: Set<string>): Promise<void> {
  const text = (await cache.get(prefix + key)) ?? '';
  const damaged = kind.damage(JSON.parse(text) as Fields, text);
  if (damaged === null) await cache.del(prefix + key);
  else await cache.set(prefix + key, damaged);
  if (kind.fields.length === 0) planted.add(`missing ${key}`);
  for (const field of kind.fields) planted.add(`different ${key} ${String(field)}`);
}

/** SQL that makes a row of the copy differ, and the field that must be told; null: the row is gone, or new. */
export const TABLE_KINDS: readonly (readonly [what: string, field: string | null, sql: string])[] = [
  ['missing', null, 'DELETE FROM public.place_copies WHERE id = $1'],
  [
    'extra',
    null,
    `INSERT INTO public.place_copies SELECT 100000 + id, name, note, amount, seats, at, open, data, town
     FROM public.place_copies WHERE id = $1`,
  ],
  ['changed text', 'name', `UPDATE public.place_copies SET name = 'elsewhere' WHERE id = $1`],
  ['case', 'name', `UPDATE public.place_copies SET name = upper(name) WHERE id = $1`],
  ['number', 'seats', `UPDATE public.place_copies SET seats = seats + 1 WHERE id = $1`],
  ['null', 'amount', `UPDATE public.place_copies SET amount = NULL WHERE id = $1`],
  [
    'empty text instead of null',
    'note',
    `UPDATE public.place_copies SET note = coalesce(note || ' ', '') WHERE id = $1`,
  ],
  ['white space', 'town', `UPDATE public.place_copies SET town = town || ' ' WHERE id = $1`],
  ['unicode form', 'town', `UPDATE public.place_copies SET town = normalize(town, NFD) WHERE id = $1`],
  ['cut off', 'town', `UPDATE public.place_copies SET town = left(town, 3) WHERE id = $1`],
  ['numeric scale', 'amount', `UPDATE public.place_copies SET amount = amount::numeric(10, 4) WHERE id = $1`],
  ['another number', 'amount', `UPDATE public.place_copies SET amount = amount + 0.01 WHERE id = $1`],
  ['timestamp', 'at', `UPDATE public.place_copies SET at = at + interval '1 microsecond' WHERE id = $1`],
  ['boolean', 'open', `UPDATE public.place_copies SET open = NOT open WHERE id = $1`],
  ['order of a JSON value', 'data', `UPDATE public.place_copies SET data = '{"b": 2, "a": 1}' WHERE id = $1`],
  ['white space of a JSON value', 'data', `UPDATE public.place_copies SET data = '{"a":1,"b":2}' WHERE id = $1`],
];

export async function plantInTable(system: Client, count: number): Promise<Planted> {
  const planted = new Set<string>();
  for (let i = 0; i < count; i++) {
    const [what, field, sql] = TABLE_KINDS[i % TABLE_KINDS.length] ?? ['', null, ''];
    const id = 1 + 2 * i;
    await system.query(sql, [id]);
    if (field !== null) planted.add(`different ${id} ${field}`);
    else planted.add(what === 'extra' ? `extra ${100_000 + id}` : `missing ${id}`);
  }
  return planted;
}
