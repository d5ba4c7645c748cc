import { gunzipSync } from 'node:zlib';
import { type Redis } from 'ioredis';
import { type Found, type Value } from './holding.js';

/** Larger documents are not shown here. */
const MAX_STORED_BYTES = 4 * 1024 * 1024;
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const GZIP = [0x1f, 0x8b] as const;

/**
 * A document of CacheDB. What stands there is not trusted: it may be anything that somebody has written.
 * @returns a sentence when it cannot be shown
 */
export async function readDocument(redis: Redis, key: string): Promise<Found | string> {
  const type = await redis.type(key);
  if (type === 'none') return { value: null };
  if (type !== 'string') return { value: null, detail: `It is a Redis ${type}, not a document.` };
  if ((await redis.strlen(key)) > MAX_STORED_BYTES) return 'The document is too large to be shown here.';
  const stored = await redis.getBuffer(key);
  if (stored === null) return { value: null };
  const value = parse(stored);
  return value ? { value } : { value: null, detail: 'What stands there is not a document of this system.' };
}

function parse(stored: Buffer): Value | null {
  try {
    const isPacked = stored[0] === GZIP[0] && stored[1] === GZIP[1];
    const bytes = isPacked ? gunzipSync(stored, { maxOutputLength: MAX_DOCUMENT_BYTES }) : stored;
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Value) : null;
  } catch {
    return null;
  }
}
