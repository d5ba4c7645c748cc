import { randomInt } from 'node:crypto';

const BUCKETS = 65_536;
const PRIME = 0x01000193;

/** For tallies; random, so that nobody can make keys that cancel out. */
export function randomSeed(): number {
  return randomInt(2 ** 32);
}

/**
 * Sums of hashes of keys, by part of the hash: two sets of keys that have equal sums in a part have the same keys there.
 * A fixed amount of memory for any number of keys, in any order. What differs is looked at key by key.
 */
export class KeyTally {
  private readonly low = new Uint32Array(BUCKETS);
  private readonly high = new Uint32Array(BUCKETS);

  /** @param seed equal for tallies that are compared */
  constructor(private readonly seed: number) {}

  add(bytes: Buffer, start: number, end: number): void {
    const bucket = this.hash(bytes, start, end);
    this.low[bucket] = (this.low[bucket] as number) + this.first;
    this.high[bucket] = (this.high[bucket] as number) + this.second;
  }

  /** A part in which the two differ is marked. */
  differing(other: KeyTally): KeyParts {
    const marks = new Uint8Array(BUCKETS);
    let count = 0;
    for (let i = 0; i < BUCKETS; i++) {
      if (this.low[i] === other.low[i] && this.high[i] === other.high[i]) continue;
      marks[i] = 1;
      count++;
    }
    return { count, has: (bytes, start, end) => marks[this.hash(bytes, start, end)] === 1 };
  }

  private first = 0;
  private second = 0;

  /** Two hashes of 32 bits. @returns the part */
  private hash(bytes: Buffer, start: number, end: number): number {
    let [a, b] = [this.seed | 0, ~this.seed];
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      a = Math.imul(a ^ byte, PRIME);
      b = Math.imul((b << 5) | (b >>> 27), 0x5bd1e995) ^ byte;
    }
    this.first = mixed(a ^ b);
    this.second = mixed(Math.imul(b, 0x85ebca6b) ^ (a + end - start));
    return this.first >>> 16;
  }
}

export interface KeyParts {
  /** How many parts differ. */
  readonly count: number;
  has(bytes: Buffer, start: number, end: number): boolean;
}

function mixed(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}
