import { KeyTally, randomSeed } from './key-tally.js';

const keysOf = (count: number) => Array.from({ length: count }, (_none, i) => Buffer.from(`key ${i}`));

function tallyOf(keys: readonly Buffer[], seed: number): KeyTally {
  const tally = new KeyTally(seed);
  for (const key of keys) tally.add(key, 0, key.length);
  return tally;
}

it('is equal for equal sets of keys, in any order', () => {
  const [keys, seed] = [keysOf(10_000), randomSeed()];
  expect(tallyOf(keys, seed).differing(tallyOf([...keys].reverse(), seed)).count).toBe(0);
});

it('marks the parts in which a key is missing, added or other, and few besides', () => {
  const [keys, seed] = [keysOf(10_000), randomSeed()];
  const others = [...keys.slice(1), Buffer.from('an extra key')];
  const parts = tallyOf(keys, seed).differing(tallyOf(others, seed));
  expect(parts.count).toBeLessThanOrEqual(2);
  for (const key of [keys[0] ?? Buffer.alloc(0), Buffer.from('an extra key')])
    expect(parts.has(key, 0, key.length)).toBe(true);
  expect(keys.filter((key) => parts.has(key, 0, key.length)).length).toBeLessThan(20);
});

it('tells of keys that come twice', () => {
  const [keys, seed] = [keysOf(10), randomSeed()];
  expect(tallyOf([...keys, ...keys.slice(0, 1)], seed).differing(tallyOf(keys, seed)).count).toBe(1);
});
