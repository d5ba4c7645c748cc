import { decodeKey } from '@astro/sync-core';

/** Keys of a target can be anything: somebody may have written a document under a key that no row can have. */
const DATA_ERROR_CLASS = '22';

/** The texts of the key's columns; null when it cannot be the key of a row. */
export function keyTexts(key: string, width: number): readonly string[] | null {
  try {
    const texts = decodeKey(key, width);
    const isKey = Array.isArray(texts) && texts.length === width && texts.every((text) => typeof text === 'string');
    return isKey ? texts : null;
  } catch {
    return null;
  }
}

/**
 * Asks the source about keys. Where a key is no value of its column the keys are halved until it is alone; about that
 * one nothing needs to be asked, because no row can have it.
 */
export async function askInHalves<K, R>(
  keys: readonly K[],
  ask: (keys: readonly K[]) => Promise<R>,
): Promise<readonly R[]> {
  if (keys.length === 0) return [];
  try {
    return [await ask(keys)];
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || !code.startsWith(DATA_ERROR_CLASS)) throw error;
    if (keys.length === 1) return [];
    const middle = Math.ceil(keys.length / 2);
    return [...(await askInHalves(keys.slice(0, middle), ask)), ...(await askInHalves(keys.slice(middle), ask))];
  }
}
