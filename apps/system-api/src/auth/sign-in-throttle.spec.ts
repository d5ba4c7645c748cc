import { pauseAfter, THROTTLE_RULES } from './sign-in-throttle.js';

it.each([
  [1, 0],
  [4, 0],
  [5, 1],
  [6, 2],
  [7, 4],
  [10, 32],
  [13, 256],
  [14, 300],
  [1_000_000, 300],
])('after try %d of one account from one address the pause is %d s', (tries, seconds) => {
  expect(pauseAfter(tries, THROTTLE_RULES.pair)).toBe(seconds);
});

it('one account from everywhere never waits more than a minute', () => {
  expect(pauseAfter(1_000_000, THROTTLE_RULES.account)).toBe(60);
});
