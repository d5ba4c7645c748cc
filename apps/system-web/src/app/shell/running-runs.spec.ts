import { openRunWords } from './RunningRuns.js';

it.each([
  [['running', 'verifying'], false, '2 running'],
  [['running', 'paused', 'queued'], false, '1 running, 2 waiting'],
  [['paused'], false, '1 waiting'],
  [['running', 'running', 'paused', 'queued', 'queued'], true, '5+ not ended'],
] as const)('says of %j that there are: %s %s', (states, more, words) => {
  expect(
    openRunWords(
      states.map((state) => ({ state })),
      more,
    ),
  ).toBe(words);
});
