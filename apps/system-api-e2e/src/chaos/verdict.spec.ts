import { differences } from '../support/rows.js';
import { compareCounts } from './verdict.js';

it.each([
  ['equal', [], [{ id: '1', v: 'a' }], [{ id: '1', v: 'a' }]],
  ['a missing row', ['missing: {"id":"1"}'], [{ id: '1' }], []],
  ['a row too much', ['too much: {"id":"1"}'], [], [{ id: '1' }]],
  [
    'another value',
    ['not equal: {"id":"1","v":"a"} is {"id":"1","v":null}'],
    [{ id: '1', v: 'a' }],
    [{ id: '1', v: null }],
  ],
  ['a field too much', ['not equal: {"id":"1"} is {"id":"1","v":"a"}'], [{ id: '1' }], [{ id: '1', v: 'a' }]],
] as const)('sees %s', (_name, expected, wanted, found) => {
  expect(differences(wanted, found)).toEqual(expected);
});

it('sees what is missing, doubled and invented', () => {
  expect(compareCounts(['a', 'b', 'c'], ['a', 'b', 'b', 'd'])).toEqual([
    '1 too many: b',
    '1 too many: d',
    'missing: c',
  ]);
});
