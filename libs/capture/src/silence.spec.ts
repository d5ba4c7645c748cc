import { SilenceWatch } from './silence.js';

it.each([
  [
    'bytes keep coming',
    [
      [1, 0],
      [2, 1000],
      [3, 5000],
      [4, 9000],
    ],
    'well',
  ],
  [
    'nothing came for a while: the source is asked',
    [
      [1, 0],
      [1, 3000],
    ],
    'ask',
  ],
  [
    'it answered',
    [
      [1, 0],
      [1, 3000],
      [2, 4000],
      [2, 6000],
    ],
    'well',
  ],
  [
    'it did not answer',
    [
      [1, 0],
      [1, 3000],
      [1, 9000],
    ],
    'lost',
  ],
  [
    'nothing ever came',
    [
      [0, 1000],
      [0, 11_000],
    ],
    'lost',
  ],
] as const)('%s', (_name, looks, expected) => {
  const watch = new SilenceWatch({ askMs: 3000, lostMs: 9000 }, 0);
  const said = looks.map(([bytes, atMs]) => watch.look({ bytes, isPaused: false, atMs }));
  expect(said[said.length - 1]).toBe(expected);
});

it('does not count the time in which nothing is read', () => {
  const watch = new SilenceWatch({ askMs: 3000, lostMs: 9000 }, 0);
  watch.look({ bytes: 1, isPaused: false, atMs: 0 });
  expect(watch.look({ bytes: 1, isPaused: true, atMs: 20_000 })).toBe('well');
  expect(watch.look({ bytes: 1, isPaused: false, atMs: 22_000 })).toBe('well');
  expect(watch.look({ bytes: 1, isPaused: false, atMs: 23_000 })).toBe('ask');
});
