import { DecodeError } from '@astro/sync-core';
import { PgoutputDecoder } from './decoder.js';

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
    const update = decoder().decode(message('U', int32(42), Buffer.from('N'), tuple('', undefined)));
    expect(update).toMatchObject({ kind: 'update', before: null, after: ['', undefined] });
    expect(decoder().decode(message('I', int32(42), Buffer.from('N'), tuple('1', null)))).toMatchObject({
      after: ['1', null],
    });
  });

  it('tells a key from a whole old row', () => {
    const key = message('U', int32(42), Buffer.from('K'), tuple('1', null), Buffer.from('N'), tuple('2', 'x'));
    expect(decoder().decode(key)).toMatchObject({ before: { kind: 'key', values: ['1', null] } });
    expect(decoder().decode(message('D', int32(42), Buffer.from('O'), tuple('1', 'x')))).toMatchObject({
      before: { kind: 'full' },
    });
  });

  it('reads transaction ids above 2^31 as positive numbers', () => {
    const begin = message('B', int64(1n), int64(2n), int32(-1));
    expect(decoder().decode(begin)).toEqual({ kind: 'begin', commitLsn: 1n, committedAtUs: 2n, xid: 4_294_967_295 });
  });

  it('gives values as bytes, so that nothing is lost on the way', () => {
    const insert = decoder().decode(message('I', int32(42), Buffer.from('N'), tuple('1', '🚀')));
    const value = insert.kind === 'insert' ? (insert.after[1] ?? '') : '';
    expect(Buffer.from(value, 'latin1').toString('utf8')).toBe('🚀');
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
