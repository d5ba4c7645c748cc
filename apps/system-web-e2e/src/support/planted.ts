import type { Databases } from './databases.js';

/** How many documents of CacheDB are made wrong; no more than a run may remove without a confirmation. */
export const PLANTED = { inserts: 4, changes: 3, removals: 2 } as const;

/** Makes CacheDB wrong behind the product's back: some bookings missing, some changed, some that nobody has booked. */
export async function plantDifferences(databases: Databases): Promise<void> {
  const { cache } = databases;
  const { inserts, changes, removals } = PLANTED;
  const rows = await databases.operations('SELECT id FROM public.bookings ORDER BY id LIMIT $1', [
    inserts + changes + removals,
  ]);
  const keys = rows.map(({ id }) => `{bookings}:${String(id)}`);
  await cache.del(...keys.slice(0, inserts));
  for (const key of keys.slice(inserts, inserts + changes)) {
    await cache.set(key, (await textAt(cache, key)).replace(/"status":\s*"[^"]*"/, '"status":"unheard of"'));
  }
  for (const [index, key] of keys.slice(inserts + changes).entries()) {
    const text = await textAt(cache, key);
    await cache.set(`{bookings}:nobody-${index}`, text.replace(/"id":\s*"[^"]*"/, `"id":"nobody-${index}"`));
  }
}

/** Puts launches into CacheDB that OperationsDB does not have. @returns their ids */
export async function plantExtras(databases: Databases, count: number): Promise<readonly string[]> {
  const { cache } = databases;
  const [launch] = await databases.operations('SELECT id FROM public.launches ORDER BY id LIMIT 1');
  const text = await textAt(cache, `{launches}:${String(launch?.['id'])}`);
  const ids = Array.from({ length: count }, (_, index) => `nowhere-${index}`);
  for (const id of ids) await cache.set(`{launches}:${id}`, text.replace(/"id":\s*"[^"]*"/, `"id":"${id}"`));
  return ids;
}

/** As it stands: to parse and print it again would change how numbers are written. */
async function textAt(cache: Databases['cache'], key: string): Promise<string> {
  const text = await cache.get(key);
  if (text === null) throw new Error(`CacheDB has no ${key}`);
  return text;
}
