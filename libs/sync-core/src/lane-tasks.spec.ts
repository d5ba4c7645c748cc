import { removableRows, removalRefusal, rowsRefusal, type RemovalGuard } from './lane-tasks.js';

const UNSEEN: RemovalGuard = { maxRemovalShare: 0.05, maxDeviationShare: 0.1, expected: null };
const seen = (rows: number, removals: number): RemovalGuard => ({ ...UNSEEN, expected: { rows, removals } });

it.each([
  ['nothing', UNSEEN, 0, 1000, true],
  ['the share exactly', UNSEEN, 50, 1000, true],
  ['more than the share', UNSEEN, 51, 1000, false],
  ['a handful of a small target', UNSEEN, 10, 12, true],
  ['more than a handful of a small target', UNSEEN, 11, 12, false],
  ['everything that was confirmed', seen(1000, 900), 900, 1000, true],
  ['a little more than was confirmed', seen(1000, 900), 1000, 1900, true],
  ['much more than was confirmed', seen(1000, 100), 201, 1100, false],
  ['what a preview without removals does not tell', seen(1000, 0), 101, 1101, false],
  ['the share after a preview that needed no confirmation', seen(1000, 0), 53, 1060, true],
  ['more than the share, near to a preview that needed no confirmation', seen(1000, 0), 60, 1060, false],
  ['more than the share, near to some removals that needed none', seen(1000, 40), 60, 1060, false],
  ['less than the share, far from the preview', seen(1000, 0), 101, 100_000, false],
] as const)('a run may remove: %s', (_name, guard, extra, held, isAllowed) => {
  expect(removalRefusal(guard, { extra, held }) === null).toBe(isAllowed);
});

it.each([
  ['nothing is expected', UNSEEN, 5, true, true],
  ['as many as were told', seen(1000, 0), 1000, true, true],
  ['a few more', seen(1000, 0), 1100, true, true],
  ['too many, before all are read', seen(1000, 0), 1101, false, false],
  ['few, before all are read', seen(1000, 0), 10, false, true],
  ['few, when all are read', seen(1000, 0), 899, true, false],
  ['none where a handful was told', seen(8, 0), 0, true, true],
] as const)('rows are near enough to the preview: %s', (_name, guard, rows, isWhole, isNear) => {
  expect(rowsRefusal(guard, rows, isWhole) === null).toBe(isNear);
});

it.each([
  ['the share of what is held', UNSEEN, 1000, 50],
  ['a handful of a small target', UNSEEN, 0, 10],
  ['what was confirmed and a little more', seen(1000, 900), 1900, 1000],
  ['the share, where a preview told less', seen(1000, 40), 1000, 50],
  ['what a preview told and a little more, where the share is larger', seen(1000, 40), 100_000, 140],
] as const)('as many rows may be removed as %s', (_name, guard, held, most) => {
  expect(removableRows(guard, held)).toBe(most);
});

it('says numbers that a person can check', () => {
  expect(removalRefusal(UNSEEN, { extra: 60, held: 460 })).toBe(
    '60 of 460 rows would be removed, more than 5 %; nothing was removed.',
  );
  expect(removalRefusal(seen(400, 3), { extra: 60, held: 460 })).toBe(
    '60 rows would be removed where the preview told 3; nothing was removed.',
  );
  expect(removalRefusal(seen(400, 3), { extra: 30, held: 430 })).toBe(
    '30 of 430 rows would be removed, more than 5 %; nothing was removed.',
  );
});
