import { DecodeError } from '@astro/sync-core';
import { PgoutputDecoder } from './decoder.js';
import { UNCHANGED, type Tuple } from './tuple.js';

const int16 = (n: number) => bytes((b) => b.writeUInt16BE(n), 2);
const int32 = (n: number) => bytes((b) => b.writeInt32BE(n), 4);
const int64 = (n: bigint) => bytes((b) => b.writeBigInt64BE(n), 8);
const text = (s: string) => Buffer.from(`${s}\0`);
const column = (value: string | null | undefined) => {
  if (value === null) return Buffer.from('n');
  if (value === undefined) return Buffer.from('u');
  const content = Buffer.from(value);
  return Buffer.concat([Buffer.from('t'), int32(content.length), content]);
};
const tuple = (...values: (string | null | undefined)[]) =>
  Buffer.concat([int16(values.length), ...values.map(column)]);
const message = (tag: string, ...parts: Buffer[]) => Buffer.concat([Buffer.from(tag), ...parts]);

function bytes(write: (buffer: Buffer) => void, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  write(buffer);
  return buffer;
}

const RELATION = message(
  'R',
  int32(42),
  text('public'),
  text('Odd "Name"'),
  Buffer.from('d'),
  int16(2),
  Buffer.concat([Buffer.from([1]), text('id'), int32(23), int32(-1)]),
  Buffer.concat([Buffer.from([0]), text('größe'), int32(25), int32(-1)]),
);

const valuesOf = (row: Tuple) =>
  Array.from({ length: row.count }, (_, i) => (row.length(i) === UNCHANGED ? undefined : row.text(i)));

/** What the decoder makes of a row change, with values as texts. */
function decodeRow(bytes: Buffer) {
  const decoded = decoder().decode(bytes);
  const before = 'before' in decoded && decoded.before;
  return {
    before: before && { kind: before.kind, values: valuesOf(before.values) },
    after: 'after' in decoded && valuesOf(decoded.after),
  };
}

function decoder(): PgoutputDecoder {
  const made = new PgoutputDecoder();
  made.decode(RELATION);
  return made;
}

describe('PgoutputDecoder', () => {
  it('reads a relation', () => {
    expect(new PgoutputDecoder().decode(RELATION)).toMatchObject({
      kind: 'relation',
      oid: 42,
      table: { schema: 'public', name: 'Odd "Name"' },
      columns: [
        { name: 'id', typeOid: 23, identity: true },
        { name: 'größe', typeOid: 25, identity: false },
      ],
    });
  });

  it('keeps null, empty and unchanged apart', () => {
    const update = message('U', int32(42), Buffer.from('N'), tuple('', undefined));
    expect(decodeRow(update)).toEqual({ before: null, after: ['', undefined] });
    const insert = message('I', int32(42), Buffer.from('N'), tuple('1', null));
    expect(decodeRow(insert)).toEqual({ before: false, after: ['1', null] });
  });

  it('tells a key from a whole old row', () => {
    const key = message('U', int32(42), Buffer.from('K'), tuple('1', null), Buffer.from('N'), tuple('2', 'x'));
    expect(decodeRow(key)).toEqual({ before: { kind: 'key', values: ['1', null] }, after: ['2', 'x'] });
    const removed = message('D', int32(42), Buffer.from('O'), tuple('1', 'x'));
    expect(decodeRow(removed)).toEqual({ before: { kind: 'full', values: ['1', 'x'] }, after: false });
  });

  it('reads transaction ids above 2^31 as positive numbers', () => {
    const begin = message('B', int64(1n), int64(2n), int32(-1));
    expect(decoder().decode(begin)).toEqual({ kind: 'begin', commitLsn: 1n, committedAtUs: 2n, xid: 4_294_967_295 });
  });

  it('gives values as bytes, so that nothing is lost on the way', () => {
    const { after } = decodeRow(message('I', int32(42), Buffer.from('N'), tuple('1', '🚀')));
    const value = (after && after[1]) || '';
    expect(Buffer.from(value, 'latin1').toString('utf8')).toBe('🚀');
  });

  it('takes rows of many columns, one after the other', () => {
    const many = Array.from({ length: 100 }, (_, i) => String(i));
    const one = decoder();
    one.decode(message('I', int32(42), Buffer.from('N'), tuple(...many)));
    const next = one.decode(message('I', int32(42), Buffer.from('N'), tuple('1', 'x')));
    expect(next.kind === 'insert' && valuesOf(next.after)).toEqual(['1', 'x']);
    expect(decodeRow(message('I', int32(42), Buffer.from('N'), tuple(...many))).after).toEqual(many);
  });

  it('reads a truncate of several relations', () => {
    const truncate = message('T', int32(1), Buffer.from([3]), int32(42));
    expect(decoder().decode(truncate)).toMatchObject({ kind: 'truncate', cascade: true, restartIdentity: true });
  });

  it.each([
    ['an unknown message', message('?')],
    ['a row of an unknown relation', message('I', int32(7), Buffer.from('N'), tuple('1'))],
    ['a message that ends early', message('I', int32(42), Buffer.from('N'), int16(2), column('1'))],
    ['a length past the end', message('I', int32(42), Buffer.from('N'), int16(1), Buffer.from('t'), int32(99))],
    ['a negative length', message('I', int32(42), Buffer.from('N'), int16(1), Buffer.from('t'), int32(-5))],
    ['a binary value', message('I', int32(42), Buffer.from('N'), int16(1), Buffer.from('b'), int32(0))],
    ['nothing', Buffer.alloc(0)],
  ])('refuses %s', (_name, bad) => {
    expect(() => decoder().decode(bad)).toThrow(DecodeError);
  });
});
