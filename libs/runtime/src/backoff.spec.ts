import { backoff, Backoff } from './backoff.js';

it.each([
  [1, 100],
  [2, 200],
  [3, 400],
  [4, 500],
  [1000, 500],
])('failure %i waits at most %i ms', (failures, boundMs) => {
  expect(Backoff.delayMs(failures, { baseMs: 100, maxMs: 500, random: () => 1 })).toBe(boundMs);
  expect(Backoff.delayMs(failures, { baseMs: 100, maxMs: 500, random: () => 0 })).toBe(0);
});

it('grows with every failure and starts again after progress', () => {
  const pause = backoff({ baseMs: 10, maxMs: 1000, random: () => 1 });
  expect([pause.nextMs(), pause.nextMs(), pause.nextMs()]).toEqual([10, 20, 40]);
  expect(pause.failures).toBe(3);
  pause.reset();
  expect(pause.nextMs()).toBe(10);
});
