import { SetCommand } from './set-command.js';
import { countLines, filterLines, firstLine, lastLine, linesOf, partsOf } from './copy-bytes.js';
import { copyValues } from './copy-line.js';
import { copyText, encoded, type Row } from './copy-text.fixture.js';
import { PackedDocuments } from './packed-documents.js';

const COLUMNS = [
  { name: 'id', typeOid: 23 },
  { name: 'größe "x"', typeOid: 25 },
  { name: 'open', typeOid: 16 },
  { name: 'small', typeOid: 21 },
  { name: 'price', typeOid: 1700 },
];

const every = Array.from({ length: 256 }, (_none, byte) => String.fromCharCode(byte)).join('');

const ROWS: readonly Row[] = [
  ['1', 'plain', 't', '7', '1.50'],
  ['2', every.slice(1), 'f', null, null],
  ['3', '', 't', '-1', 'NaN'],
  ['4', null, 't', '0', '-0'],
  ['5', 'N', 'f', '1', '\\N'],
  ['6', '\\"\\\\"\u0001', 'f', '1', '1e400'],
];

/** More than any of them has. */
const LONGEST = 2000;

describe('PackedDocuments', () => {
  it.each([
    ['a key of one column', ['id'], null],
    ['a key of two columns', ['id', 'open'], null],
    ['some columns', ['id'], ['id', 'price']],
  ])('gives the very bytes of the encoder: %s', (_name, keyColumns, columns) => {
    const table = { keyPrefix: '{t}:', keyColumns, columns };
    const packer = new PackedDocuments(COLUMNS, table);
    const whole = encoded(ROWS, COLUMNS, table).toString('latin1');
    expect(packer.pack(copyText(ROWS), LONGEST).toString('latin1')).toBe(whole);
    expect(packer.pack(copyText(ROWS), 1_000_000).toString('latin1')).toBe(whole); // may be longer than room is made for
  });

  it('takes a key with escaped bytes', () => {
    const columns = [{ name: 'k', typeOid: 25 }];
    const packed = new PackedDocuments(columns, { keyPrefix: '', keyColumns: ['k'], columns: null }).pack(
      copyText([['a\tb\\']]),
      100,
    );
    const set = new SetCommand('latin1');
    set.add('a\tb\\', '{"k":"a\\tb\\\\"}');
    expect(packed).toEqual(set.toBuffer());
  });

  it('grows when every byte becomes six', () => {
    const columns = [{ name: 'k', typeOid: 25 }];
    const value = '\u0001'.repeat(100_000);
    const packed = new PackedDocuments(columns, { keyPrefix: '', keyColumns: ['k'], columns: null }).pack(
      copyText([[value]]),
      600_000,
    );
    const set = new SetCommand('latin1');
    set.add(value, `{"k":${JSON.stringify(value)}}`);
    expect(packed.equals(set.toBuffer() ?? Buffer.alloc(0))).toBe(true);
  });
});

describe('COPY bytes', () => {
  it('gives the values that were written', () => {
    expect(Array.from(linesOf(copyText(ROWS)), copyValues)).toEqual(ROWS);
  });

  it('knows its rows', () => {
    const bytes = copyText([['a'], ['b'], ['']]);
    expect([countLines(bytes), firstLine(bytes), lastLine(bytes)]).toEqual([3, 'a', '']);
    expect(filterLines(bytes, (line) => line !== 'b').toString()).toBe('a\n\n');
    expect(partsOf(bytes, 2).map(String)).toEqual(['a\n', 'b\n', '\n']);
    expect(partsOf(bytes, 3).map(String)).toEqual(['a\nb\n', '\n']);
    expect(partsOf(bytes, 100).map(String)).toEqual(['a\nb\n\n']);
    expect(partsOf(Buffer.alloc(0), 100)).toEqual([]);
    expect([countLines(Buffer.alloc(0)), firstLine(Buffer.alloc(0)), lastLine(Buffer.alloc(0))]).toEqual([
      0,
      undefined,
      undefined,
    ]);
  });
});
