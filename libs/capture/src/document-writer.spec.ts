import { Tuple, NULL_VALUE, UNCHANGED } from '@astro/pgoutput';
import { DocumentEncoder, toByteString } from '@astro/sync-core';
import { SlabWriter } from '@astro/runtime';
import { DocumentWriter } from './document-writer.js';

const TEXT = 25;
const COLUMNS = [
  { name: 'id', typeOid: 23 },
  { name: 'größe "x"', typeOid: TEXT },
  { name: 'open', typeOid: 16 },
];

function row(values: readonly (string | null | undefined)[]): Tuple {
  const tuple = new Tuple();
  const texts = values.map((value) => Buffer.from(value ?? ''));
  tuple.begin(Buffer.concat(texts), values.length);
  let start = 0;
  values.forEach((value, i) => {
    const length = (texts[i] as Buffer).length;
    tuple.starts[i] = start;
    tuple.lengths[i] = value === null ? NULL_VALUE : value === undefined ? UNCHANGED : length;
    start += length;
  });
  return tuple;
}

function written(values: readonly (string | null | undefined)[], unchangedAs: 'null' | 'absent' = 'absent'): string {
  const out = new SlabWriter();
  new DocumentWriter(COLUMNS).write(out, row(values), { only: null, unchangedAs });
  return out.take().toString('latin1');
}

const controls = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)).join('');

it.each([
  ['plain text', ['1', 'hello', 't']],
  ['null', [null, null, null]],
  ['empty text', ['0', '', 'f']],
  ['every control character', ['-5', controls, 't']],
  ['quotes and backslashes', ['1', '"\\"\\\\n"', 'f']],
  ['characters of several bytes', ['1', 'ä€🚀\u2028', 't']],
  ['a large text', ['1', `${'x'.repeat(700_000)}"`, 't']],
  ['values that were not resent', ['1', undefined, 't']],
])('writes the same bytes as the copy: %s', (_name, values) => {
  const texts = values.map((value) => (typeof value === 'string' ? toByteString(value) : value));
  expect(written(values)).toBe(DocumentEncoder.forBytes(COLUMNS).encode(texts));
});

it('writes null for what was not resent where the reader knows the names', () => {
  expect(JSON.parse(written([undefined, 'x', 't'], 'null'))).toEqual({
    id: null,
    [Buffer.from('größe "x"').toString('latin1')]: 'x',
    open: true,
  });
});
