import { fieldDifferences } from './field-differences.js';

const SOURCE = '{"id":1,"name":"a \\"b\\", {c}","at":"2026","tags":["x",{"y":"}"}],"note":null}';

function told(target: string): string[] {
  return fieldDifferences(SOURCE, target).map(({ field, source, target: found }) => `${field}: ${source} / ${found}`);
}

it.each([
  ['a value', SOURCE.replace('2026', '2027'), ['at: "2026" / "2027"']],
  ['a text instead of a number', SOURCE.replace('"id":1', '"id":"1"'), ['id: 1 / "1"']],
  ['a nested value', SOURCE.replace('"x"', '"z"'), ['tags: ["x",{"y":"}"}] / ["z",{"y":"}"}]']],
  ['a missing field', SOURCE.replace(',"note":null', ''), ['note: null / null'.replace('/ null', '/ null')]],
  ['a field more', SOURCE.replace('"id"', '"colour":"red","id"'), ['colour: null / "red"']],
  ['a field twice', SOURCE.replace('"id"', '"id":1,"id"'), ['id: null / 1']],
  [
    'a document that is cut off',
    '{"id":1,"name":"a',
    ['name: "a \\"b\\", {c}" / "a', 'at: "2026" / null', 'tags: ["x",{"y":"}"}] / null', 'note: null / null'],
  ],
  [
    'another order',
    SOURCE.replace('"id":1,', '').replace('}', '}').replace(/}$/, ',"id":1}'),
    [`id: ${SOURCE} / ${SOURCE.replace('"id":1,', '').replace(/}$/, ',"id":1}')}`],
  ],
  ['white space', SOURCE.replace(',', ', '), [`null: ${SOURCE} / ${SOURCE.replace(',', ', ')}`]],
  ['something else', 'hello', [`null: ${SOURCE} / hello`]],
  ['nothing', '', [`null: ${SOURCE} / `]],
  ['an unfinished string', '{"', [`null: ${SOURCE} / {"`]],
])('finds %s', (_name, target, expected) => {
  expect(told(target)).toEqual(expected);
});

it('cuts long values around the place where they differ', () => {
  const [found] = fieldDifferences(`{"a":"${'x'.repeat(5000)}1"}`, `{"a":"${'x'.repeat(5000)}2"}`);
  expect(found?.source).toMatch(/^… x{100}1"$/);
  expect(found?.target).toMatch(/^… x{100}2"$/);
  const [long] = fieldDifferences('{"a":"b"}', `{"a":"${'y'.repeat(5000)}"}`);
  expect(long?.target).toMatch(/^"y{199}… \(5002 characters\)$/);
});

it('names a bounded number of fields', () => {
  const document = (value: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: 300 }, (_none, i) => [`f${i}`, value])));
  expect(fieldDifferences(document(1), document(2))).toHaveLength(50);
});

it('cuts no character in half', () => {
  const glasses = '🥂'.repeat(300);
  for (const lead of ['', 'x']) {
    const [found] = fieldDifferences(`{"note":"${lead}${glasses}!"}`, `{"note":"${lead}${glasses}?"}`);
    expect(JSON.stringify(found)).not.toMatch(/\\ud[89a-f]/i);
    const [early] = fieldDifferences(`{"note":"${lead}${glasses}"}`, '{"note":1}');
    expect(JSON.stringify(early)).not.toMatch(/\\ud[89a-f]/i);
  }
});
