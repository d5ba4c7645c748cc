import { AppendPace } from './append-pace.js';

/** Appends one after the other, each of the same size and length, as long apart as the pace says. */
function settled({ perMs, tookMs }: { readonly perMs: number; readonly tookMs: number }): number {
  const pace = new AppendPace();
  let nowMs = 1000;
  let beganAtMs = nowMs - tookMs;
  for (let i = 0; i < 100; i++) {
    const transactions = perMs * (nowMs - beganAtMs);
    beganAtMs = nowMs;
    pace.begin(nowMs);
    pace.end((nowMs += tookMs), transactions);
    nowMs += pace.waitMs(nowMs);
  }
  return pace.waitMs(beganAtMs + tookMs);
}

it.each([
  ['one writer whose transactions come one by one', { perMs: 1.7, tookMs: 0.7 }, 0],
  ['as many as two while one append is stored', { perMs: 2, tookMs: 1 }, 0],
  ['three', { perMs: 2, tookMs: 1.6 }, 2],
  ['many writers', { perMs: 3, tookMs: 3 }, 9],
  ['a flood', { perMs: 60, tookMs: 20 }, 9],
])('waits with %s', (_name, load, waitMs) => {
  expect(settled(load)).toBe(waitMs);
});

it('does not wait for the first append, nor when the pause is over already', () => {
  const pace = new AppendPace();
  expect(pace.waitMs(0)).toBe(0);
  for (let nowMs = 0; nowMs < 500; nowMs += 5) {
    pace.begin(nowMs);
    pace.end(nowMs + 4, 50);
  }
  expect(pace.waitMs(499)).toBe(9); // not quite 10, like all that is smoothed
  expect(pace.waitMs(503)).toBe(5);
  expect(pace.waitMs(600)).toBe(0);
});

it('is back to no wait a few appends after a flood', () => {
  const pace = new AppendPace();
  let nowMs = 0;
  const append = (transactions: number) => {
    pace.begin(nowMs);
    pace.end((nowMs += 1), transactions);
  };
  for (let i = 0; i < 100; i++) append(5000);
  expect(pace.waitMs(nowMs)).toBe(9);
  for (let i = 0; i < 8; i++) append(1);
  expect(pace.waitMs(nowMs)).toBe(0);
});
