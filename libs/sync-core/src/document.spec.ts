import { toByteString, fromByteString } from './byte-string.js';
import { DocumentEncoder, decodeKey, encodeKey, fieldText, joinDocument, splitDocument } from './document.js';

const BOOLEAN = 16;
const BIGINT = 20;
const INTEGER = 23;
const TEXT = 25;
const columns = [
  { name: 'id', typeOid: INTEGER },
  { name: 'größe', typeOid: TEXT },
  { name: 'open', typeOid: BOOLEAN },
  { name: 'big', typeOid: BIGINT },
];

describe('DocumentEncoder', () => {
  it('writes numbers, booleans and nulls as JSON, everything else as text', () => {
    const document = DocumentEncoder.forText(columns, new Set()).encode(['7', 'XL', 't', '9007199254740993']);
    expect(document).toBe('{"id":7,"größe":"XL","open":true,"big":"9007199254740993"}');
    expect(DocumentEncoder.forText(columns, new Set()).encode([null, null, 'f', null])).toBe(
      '{"id":null,"größe":null,"open":false,"big":null}',
    );
  });

  it.each(['"', '\\', '\n', '\t', '\u0001', '🚀 ü', '', '{"a":1}', '\u2028'])('keeps %j as it is', (value) => {
    const text = DocumentEncoder.forText(columns, new Set()).encode(['1', value, 't', '1']);
    const bytes = DocumentEncoder.forBytes(columns).encode(['1', toByteString(value), 't', '1']);
    expect((JSON.parse(text) as Record<string, unknown>)['größe']).toBe(value);
    expect(fromByteString(bytes)).toBe(text);
  });

  it('leaves out what is undefined and takes nested columns as they are', () => {
    const encoder = DocumentEncoder.forText(columns, new Set(['größe']));
    expect(encoder.encode([undefined, '{"a":[1,"}"]}', undefined, undefined])).toBe('{"größe":{"a":[1,"}"]}}');
  });
});

describe('splitDocument', () => {
  it.each([
    '{}',
    '{"a":1}',
    '{"a":"x,y}","b":null}',
    '{"a\\"b":"\\\\","c":"\\""}',
    '{"n":{"x":[1,{"y":"]"}],"z":"}"},"m":[]}',
    '{"1":"a","__proto__":"b","0":"c"}',
  ])('gives %s back byte for byte', (document) => {
    expect(joinDocument(splitDocument(document))).toBe(document);
    expect(splitDocument(document)).toHaveLength(Object.keys(JSON.parse(document) as object).length);
  });
});

describe('keys', () => {
  it.each([[['a']], [['a', 'b']], [['["a"]', '"']], [['', '']], [['x\ty', 'ü']]])('%j survives', (values) => {
    expect(decodeKey(encodeKey(values), values.length)).toEqual(values);
  });

  it('tells composite keys apart that would be equal when joined', () => {
    expect(encodeKey(['a,b', 'c'])).not.toBe(encodeKey(['a', 'b,c']));
  });
});

it.each([
  [true, 't'],
  [false, 'f'],
  [7, '7'],
  ['x', 'x'],
  [null, null],
])('the field %j is %j in PostgreSQL', (value, text) => {
  expect(fieldText(value)).toBe(text);
});
