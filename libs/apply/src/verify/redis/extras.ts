import { KeyTally, type KeyParts } from './key-tally.js';
import { commandOf, type RawRedis } from './raw-redis.js';
import { ScanReader } from './scan-reader.js';

const SCAN_COUNT = '1000';
const KEYS_AT_ONCE = 1000;

/** What the source knows of keys. */
export interface KnownKeys {
  /** Calls `add` with the place of every key of the source, in its bytes. */
  each(add: (bytes: Buffer, start: number, end: number) => void, signal: AbortSignal): Promise<void>;
  /** Those of the keys that the source has now. */
  existing(keys: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface ExtrasOptions {
  readonly raw: () => Promise<RawRedis>;
  readonly keyPrefix: string;
  readonly known: KnownKeys;
  /** Of the tallies that are compared. */
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** Sums up all keys of CacheDB; may run beside other work. */
export async function tallyHeld(options: ExtrasOptions): Promise<KeyTally> {
  const prefixBytes = Buffer.byteLength(options.keyPrefix);
  const held = new KeyTally(options.seed);
  for await (const page of scan(options)) {
    page.forEach((bytes, start, end) => held.add(bytes, start + prefixBytes, end));
  }
  return held;
}

/**
 * Keys of CacheDB that the source does not have, in pages. All keys of both sides have been summed up; only those in
 * parts whose sums differ are asked about one by one. Nothing is kept but the sums, however many keys there are.
 */
export async function* findExtras(held: KeyTally, wanted: KeyTally, options: ExtrasOptions): AsyncGenerator<string[]> {
  const parts = held.differing(wanted);
  if (parts.count === 0) return;
  for await (const keys of keysIn(parts, options)) {
    const existing = await options.known.existing(keys);
    const extra = keys.filter((key) => !existing.has(key));
    if (extra.length > 0) yield extra;
  }
}

/** The keys of CacheDB in these parts, in pages. */
async function* keysIn(parts: KeyParts, options: ExtrasOptions): AsyncGenerator<readonly string[]> {
  const prefixBytes = Buffer.byteLength(options.keyPrefix);
  let keys: string[] = [];
  for await (const page of scan(options)) {
    page.forEach((bytes, start, end) => {
      const from = start + prefixBytes;
      if (parts.has(bytes, from, end)) keys.push(bytes.toString('utf8', from, end));
    });
    if (keys.length < KEYS_AT_ONCE) continue;
    yield keys;
    keys = [];
  }
  if (keys.length > 0) yield keys;
}

async function* scan({ raw, keyPrefix, signal }: ExtrasOptions): AsyncGenerator<ScanReader> {
  const match = `${keyPrefix.replace(/[*?[\]\\]/g, '\\$&')}*`;
  let cursor = '0';
  do {
    signal.throwIfAborted();
    const reader = new ScanReader();
    await (await raw()).ask(commandOf('SCAN', cursor, 'MATCH', match, 'COUNT', SCAN_COUNT), reader);
    cursor = reader.cursor;
    yield reader;
  } while (cursor !== '0');
}
