import { changedFields, changedNames, parseImage, type RowImages } from './changed-fields.js';

const images = (given: Partial<RowImages>): RowImages => ({
  op: 'update',
  before: null,
  after: null,
  unchanged: [],
  ...given,
});

it.each<[string, Partial<RowImages>, string[] | null]>([
  ['a changed value', { before: { a: 1, b: 2 }, after: { a: 1, b: 3 } }, ['b']],
  ['nothing changed', { before: { a: 1 }, after: { a: 1 } }, []],
  ['null is a value', { before: { a: null }, after: { a: '' } }, ['a']],
  ['a text is not a number', { before: { a: '1' }, after: { a: 1 } }, ['a']],
  ['a large column that was not sent', { before: { a: 1, b: 'x' }, after: { a: 2, b: null }, unchanged: ['b'] }, ['a']],
  ['the row before is not known', { after: { a: 1 } }, null],
  ['only the key before is known', { before: { a: 1 }, after: { a: 1, b: 2 } }, null],
  ['an insert', { op: 'insert', after: { a: 1 } }, null],
  ['a delete', { op: 'delete', before: { a: 1 } }, null],
])('names what changed: %s', (_name, given, expected) => {
  expect(changedNames(images(given))).toEqual(expected);
});

it('tells every field of an insert and of a delete', () => {
  expect(changedFields(images({ op: 'insert', after: { a: 1 } }))).toEqual([{ name: 'a', after: 1, kind: 'added' }]);
  expect(changedFields(images({ op: 'delete', before: { a: 1 } }))).toEqual([
    { name: 'a', before: 1, kind: 'removed' },
  ]);
});

it.each([[null], ['{'], ['[1]'], ['7']])('takes %s for no row image', (text) => {
  expect(parseImage(text)).toBeNull();
});
